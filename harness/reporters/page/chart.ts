import { timesNoise } from '../../result/record/case-result.js';
import { renderTimes } from '../../support/figures.js';
import { explainFault } from '../explain.js';
import { type Markup, markup } from '../markup.js';
import type { BundleView, CaseView } from './arrange.js';
import { renderAxes } from './axes.js';
import { renderFaultLabels } from './fault-labels.js';
import { frameOf } from './frame.js';
import { round } from './marks.js';
import { renderCaseMarks } from './series.js';

/**
 * Layers in the reference's order from left to right, the error as a multiple of the noise upwards on a log scale.
 * Filled marks are accumulated errors, hollow ones own errors; what inherits is faint, what is faulty has a ring; a
 * cross at the top has no number (missing, NaN, Inf).
 */
export function renderChart(bundle: BundleView): Markup {
  const frame = frameOf(bundle);
  const { width, height, top, bottom, step } = frame;
  const name = `Error of each layer of ${bundle.name} as a multiple of the noise. ${bundle.cases.map(describeCase).join(' ')}`;
  return markup`<div class="plot wide" data-bundle="${bundle.index}" data-left="${round(frame.xOf(0))}" data-step="${step}" data-top="${top}" data-bottom="${bottom}">
<svg viewBox="0 0 ${width} ${height}" style="min-width:${Math.round(width * 0.82)}px" role="img" aria-label="${name}">
${renderAxes(bundle, frame)}
${bundle.cases.map((view, i) => renderCaseMarks(bundle, view, i, frame))}
${renderFaultLabels(bundle, frame)}
</svg></div>`;
}

function describeCase({ found, summary }: CaseView): string {
  const fault = explainFault(found);
  const at = fault === null ? '' : `, ${fault.title} ${fault.layer}`;
  return `${found.port}: ${found.verdict}${at}, worst ${renderTimes(timesNoise(summary.worst))} accumulated, ${renderTimes(timesNoise(summary.worstOwn?.own))} own.`;
}
