import { type Measured, titleOf } from '../../result/record/case-result.js';
import { renderCount, renderDuration, renderShape } from '../../support/figures.js';
import { explainMargins, explainMeaning } from '../explain.js';
import { type Markup, markup } from '../markup.js';
import type { CaseView, Page } from './arrange.js';

/** What ran on what, with what, how long, and against which goldens. */
export function renderFacts(page: Page): Markup {
  const cases = page.bundles.flatMap((bundle) => bundle.cases);
  return markup`<section class="facts" aria-labelledby="facts">
<h2 id="facts">What ran on what</h2>
${renderEngines(page, cases)}
${renderGoldens(page)}
${renderTimings(cases)}
${renderLimits(cases)}
</section>`;
}

function renderEngines({ result, ports }: Page, cases: readonly CaseView[]): Markup {
  const { cpu, cores, memoryGb, platform, node } = result.machine;
  const rows = ports.map((port) => {
    const engine = cases.find(({ found }) => found.port === port && found.engine !== null)?.found.engine ?? null;
    if (engine === null) return markup`<tr><th scope="row">${port}<td colspan="5">its engine did not start\n`;
    const details = Object.entries(engine.details).map(([name, value]) => `${name} ${value}`);
    return markup`<tr><th scope="row">${port}<td>${engine.engine} ${engine.version}<td>${engine.device}<td>${engine.provider}<td>${engine.tf32}<td class="details">${details.join('; ')}\n`;
  });
  return markup`<h3>Engines</h3>
<div class="wide" tabindex="0" role="region" aria-label="Engines"><table>
<thead><tr><th scope="col">port<th scope="col">engine<th scope="col">device<th scope="col">provider<th scope="col">TF32<th scope="col">details
<tbody>${rows}</table></div>
<p class="muted">On ${cpu}, ${renderCount(cores, 'core')}, ${memoryGb} GB, ${platform}, Node ${node}.</p>`;
}

function renderGoldens({ bundles }: Page): Markup {
  const rows = bundles.map(({ name, cases }) => {
    const { model, inputShape, phase, goldens } = cases[0]!.found;
    return markup`<tr><th scope="row">${name}<td>${model}<td>${phase}<td>${renderShape(inputShape)}<td>${goldens.madeBy}<td><code class="hash">${goldens.caseSha256}</code>\n`;
  });
  return markup`<h3>Goldens</h3>
<div class="wide" tabindex="0" role="region" aria-label="Goldens"><table>
<thead><tr><th scope="col">bundle<th scope="col">model<th scope="col">phase<th scope="col">input<th scope="col">made by<th scope="col">SHA-256 of case.json
<tbody>${rows}</table></div>`;
}

function renderTimings(cases: readonly CaseView[]): Markup {
  const rows = cases.map(({ found }) => {
    const { startMs, loadMs, plainMs, ownMs, shippedMs, judgeMs, peakRssMb } = found.timing;
    const memory = peakRssMb === null ? '–' : `${Math.round(peakRssMb)} MB`;
    return markup`<tr><th scope="row">${titleOf(found)}${[startMs, loadMs, plainMs, ownMs, shippedMs, judgeMs].map((time) => markup`<td class="n">${renderDuration(time)}`)}<td class="n">${memory}\n`;
  });
  return markup`<h3>Time and memory</h3>
<div class="wide" tabindex="0" role="region" aria-label="Time and memory"><table>
<thead><tr><th scope="col">case<th scope="col" class="n">start<th scope="col" class="n">load<th scope="col" class="n">all probes<th scope="col" class="n">own errors<th scope="col" class="n">as shipped<th scope="col" class="n">comparing<th scope="col" class="n">peak memory
<tbody>${rows}</table></div>`;
}

function renderLimits(cases: readonly CaseView[]): Markup {
  const judged = cases.flatMap(({ found }) => found.measurements.filter(({ verdict }) => verdict !== 'uninformative'));
  const all = [
    ...judged,
    ...judged.flatMap(({ own }) => own ?? []),
    ...cases.flatMap(({ found }) => found.shipped ?? []),
  ];
  const texts = new Set(all.map(describeLimits).filter((text) => text !== ''));
  const meanings = cases.filter(({ found }) => found.meaning !== null);
  return markup`<h3>Limits</h3>
<ul>${[...texts].map((text) => markup`<li>${text}.\n`)}</ul>
${meanings.length === 0 ? null : markup`<h3>Pixels</h3><p>A pixel can change class where the margin between its two best classes, in the golden, is at most twice the largest logit error.</p><ul>${meanings.map(({ found }) => markup`<li><b>${titleOf(found)}</b>: ${explainMeaning(found.meaning!)}; ${explainMargins(found.meaning!)}.\n`)}</ul>`}`;
}

/** `gradient: rms 8 × noise, largest 16 × noise (contract: …)`; empty where nothing of it has a limit. */
function describeLimits({ kind, figures }: Measured): string {
  const limited = figures.filter(({ limit }) => limit !== null);
  if (limited.length === 0) return '';
  const reasons = [...new Set(limited.map(({ because }) => because))].join('; ');
  return `${kind}: ${limited.map(({ name, limit, unit }) => `${name} ${limit} ${unit}`).join(', ')} (${reasons})`;
}
