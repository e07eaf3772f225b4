import { timesNoise } from '../../result/record/case-result.js';
import { renderCount, renderShape, renderTimes } from '../../support/figures.js';
import { explainMeaning, explainSizes } from '../explain.js';
import { type Markup, markup } from '../markup.js';
import type { BundleView, CaseView } from './arrange.js';
import { renderChart } from './chart.js';
import { renderEvaluation } from './evaluation.js';
import { renderKey } from './marks.js';

/** One bundle: what it is, the chart of its layers with every port, and what the error does to pixels. */
export function renderBundle(bundle: BundleView): Markup {
  const { anchor, name, cases, layers } = bundle;
  const { model, inputShape, phase, goldens } = cases[0]!.found;
  if (phase === 'eval') return renderEvaluation(bundle);
  return markup`<section class="bundle" aria-labelledby="${anchor}">
<h2 id="${anchor}">${name}</h2>
<p class="muted">${model}, ${phase === 'train' ? 'training' : `input ${renderShape(inputShape)}`}, ${renderCount(layers.length, 'layer')}${goldens.precision === undefined ? null : `; judged by the noise of ${goldens.precision}`}; golden by ${goldens.madeBy}, <code class="hash">${goldens.caseSha256.slice(0, 12)}</code></p>
${
  layers.length === 0
    ? null
    : markup`<figure>
<figcaption class="legend">${cases.map(renderLegend)}<span class="caption">error in × noise on a log scale, 0 at the bottom; layers in the reference’s order</span></figcaption>
${renderChart(bundle)}
<p class="readout" aria-hidden="true"></p>
</figure>`
}
<ul class="cases">${cases.map(renderCase)}</ul>
</section>`;
}

function renderLegend({ found, portIndex }: CaseView): Markup {
  return markup`<span class="port"><b>${found.port}</b> ${renderKey(portIndex, 'accumulated')} accumulated ${renderKey(portIndex, 'own')} own</span>\n`;
}

function renderCase({ found, summary }: CaseView): Markup {
  const { port, verdict, reason, shipped, meaning } = found;
  const sizes = explainSizes(found);
  const parts = [
    ...(reason === null ? [] : [reason]),
    ...(summary.worst === null ? [] : [`worst layer ${renderTimes(timesNoise(summary.worst))} accumulated`]),
    ...(summary.worstOwn === null ? [] : [`${renderTimes(timesNoise(summary.worstOwn.own))} on its own`]),
    ...(shipped === null
      ? []
      : [`${shipped.logits.name} of the graph that users run ${renderTimes(timesNoise(shipped.logits))}`]),
    ...(meaning === null ? [] : [explainMeaning(meaning)]),
    ...(sizes === null ? [] : [`free sizes: ${sizes}`]),
  ];
  return markup`<li><b>${port}</b> <span class="tag ${verdict}">${verdict}</span> ${parts.join('; ')}.</li>\n`;
}
