import { largestTimesNoise, type Measurement, timesNoise } from '../../result/record/case-result.js';
import { renderRatio, renderScientific, renderShape } from '../../support/figures.js';
import { type Markup, markup } from '../markup.js';
import { kindOf } from '../summarise-case.js';
import type { BundleView, LayerView, Page } from './arrange.js';
import { renderKey } from './marks.js';

/** Every probe of every bundle, the ports side by side. In the reference's order; the script sorts and searches it. */
export function renderLayers(page: Page): Markup {
  const { ports } = page;
  const bundles = page.bundles.filter(({ cases }) => cases[0]?.found.phase !== 'eval');
  if (bundles.length === 0) return markup``;
  const columns = ports.map(
    (port, i) => markup`<th scope="colgroup" colspan="3" class="group">${renderKey(i, 'accumulated')}${port}`,
  );
  const figures = ports.map(
    () =>
      markup`<th scope="col" class="n group"><abbr title="accumulated">accum.</abbr><th scope="col" class="n">own<th scope="col" class="n">largest`,
  );
  return markup`<section class="layers" aria-labelledby="layers">
<h2 id="layers">All layers</h2>
<p class="note">In multiples of the noise: accumulated and own error in rms, and the largest single element (accumulated). <b class="f">✕</b> faulty: its own error fails.
<b class="i">↳</b> inherits: wrong because of what comes before. <b class="s">?</b> fails, and its own error was not judged. <b class="v">~</b> waived: fails, and is known. (n) not informative.</p>
<form class="toolbar" hidden onsubmit="return false"><label>Search <input type="search" placeholder="layer or bundle" autocomplete="off" spellcheck="false"></label>
<label>Show <select><option value="">every layer<option value="fsi">what fails<option value="f">faulty or missing<option value="i">what inherits<option value="s">suspect<option value="v">waived<option value="u">not informative</select></label>
<output aria-live="polite"></output></form>
<div class="wide tall" tabindex="0" role="region" aria-label="All layers"><table class="all${bundles.length === 1 ? ' single' : ''}">
<thead><tr><th scope="col" rowspan="2">layer<th scope="col" rowspan="2">bundle<th scope="col" rowspan="2" class="n">shape<th scope="col" rowspan="2" class="n">1× is<th scope="col" rowspan="2" class="n">own<br>1× is${columns}
<tr>${figures}
${bundles.map((bundle) => markup`<tbody>${bundle.layers.map((layer) => renderRow(bundle, layer, ports))}`)}
</table></div>
</section>`;
}

function renderRow(bundle: BundleView, { name, shape, measurements }: LayerView, ports: readonly string[]): Markup {
  const cells = ports.map((_port, portIndex) => {
    const i = bundle.cases.findIndex((view) => view.portIndex === portIndex);
    return renderCells(measurements[i] ?? null);
  });
  const noise = noiseOf(measurements, (one) => [one.relRms, timesNoise(one)]);
  const ownNoise = noiseOf(measurements, ({ own }) => [own?.relRms ?? null, timesNoise(own)]);
  return markup`<tr><th scope="row">${name}<td>${bundle.name}<td>${renderShape(shape)}<td>${renderScientific(noise)}<td>${renderScientific(ownNoise)}${cells}\n`;
}

function renderCells(measurement: Measurement | null): Markup {
  if (measurement === null) return markup`<td><td><td>`;
  const kind = kindOf(measurement);
  const { own, verdict } = measurement;
  const [noiseRatio, ownRatio] = [timesNoise(measurement), timesNoise(own)];
  if (kind === 'missing') return markup`<td class=f>✕ missing<td><td>`;
  const accumulated = noiseRatio === null ? 'not finite' : renderRatio(noiseRatio);
  const ownText =
    own === null ? '–' : ownRatio === null && own.verdict === 'fail' ? 'not finite' : renderRatio(ownRatio);
  const first = {
    faulty: verdict === 'fail' ? markup`<td class=w>${accumulated}` : markup`<td>${accumulated}`,
    inherits: markup`<td class=i>↳ ${accumulated}`,
    suspect: markup`<td class=s>? ${accumulated}`,
    waived: markup`<td class=v>~ ${verdict === 'missing' ? 'missing' : accumulated}`,
    uninformative: markup`<td class=u>(${accumulated})`,
    agrees: markup`<td>${accumulated}`,
  }[kind];
  const second = kind === 'faulty' ? markup`<td class=f>✕ ${ownText}` : markup`<td>${ownText}`;
  return markup`${first}${second}<td>${renderRatio(largestTimesNoise(measurement))}`;
}

/** The noise that counted is the same for every port: an error over its multiple. */
function noiseOf(
  measurements: readonly (Measurement | null)[],
  figures: (measurement: Measurement) => readonly [number | null, number | null],
): number | null {
  for (const measurement of measurements) {
    if (measurement === null) continue;
    const [error, ratio] = figures(measurement);
    if (error !== null && ratio !== null && ratio > 0) return error / ratio;
  }
  return null;
}
