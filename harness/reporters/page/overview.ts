import { type Measurement, timesNoise } from '../../result/record/case-result.js';
import { renderTimes } from '../../support/figures.js';
import { explainMode } from '../explain-evaluation.js';
import { type Markup, markup } from '../markup.js';
import type { BundleView, CaseView, Page } from './arrange.js';
import { renderKey } from './marks.js';
import { renderSparkline } from './sparkline.js';

/**
 * A line per port and bundle: the verdict, the run of its errors in small, its worst layers, and what that does to
 * pixels.
 */
export function renderOverview({ bundles }: Page): Markup {
  return markup`<section aria-labelledby="overview">
<h2 id="overview">All cases</h2>
<div class="wide" tabindex="0" role="region" aria-label="All cases"><table class="overview">
<thead><tr><th scope="col">bundle<th scope="col">port<th scope="col">verdict<th scope="col">layers, first to last<th scope="col" class="n">layers<th scope="col" class="n">at fault<th scope="col" class="n">inherit<th scope="col" colspan="2">worst accumulated<th scope="col" colspan="2">worst on its own<th scope="col" class="n">logits<br>as shipped<th scope="col" class="n">pixels<br>changed
${bundles.map((bundle) => markup`<tbody>${bundle.cases.map((view, i) => renderRow(bundle, view, i))}`)}
</table></div>
</section>`;
}

function renderRow(bundle: BundleView, view: CaseView, i: number): Markup {
  const { found, summary, portIndex } = view;
  const { counts, worst, worstOwn } = summary;
  const { meaning, shipped, verdict } = found;
  const name =
    i === 0
      ? markup`<th scope="rowgroup" rowspan="${bundle.cases.length}"><a href="#${bundle.anchor}">${bundle.name}</a>`
      : null;
  const start = markup`<tr>${name}<th scope="row">${renderKey(portIndex, 'accumulated')} ${found.port}<td><span class="tag ${verdict}">${verdict}</span>`;
  if (found.measurements.length === 0)
    return markup`${start}<td colspan="10" ><div class="why">${found.reason ?? ''}</div>\n`;
  if (found.evaluation !== undefined)
    return markup`${start}<td colspan="10"><div class="why">${found.evaluation.modes.map(explainMode).join('; ')}</div>\n`;
  return markup`${start}<td>${renderSparkline(found)}<td class="n">${found.measurements.length}${number(counts.faulty + counts.missing + counts.suspect, 'bad')}${number(counts.inherits, 'faint')}<td class="n">${renderTimes(timesNoise(worst))}${layer(worst)}<td class="n">${renderTimes(timesNoise(worstOwn?.own))}${layer(worstOwn)}<td class="n">${shipped === null ? '–' : renderTimes(timesNoise(shipped.logits))}<td class="n">${meaning === null ? '–' : `${meaning.changed} of ${meaning.pixels}`}\n`;
}

function layer(measurement: Measurement | null): Markup {
  if (measurement === null) return markup`<td>`;
  return markup`<td class="layer" title="${measurement.name}">${shortenName(measurement.name)}`;
}

/** `backbone.block3.1.attn.spatial_gating_unit.conv1_2` → `block3.1…conv1_2`: which block, and what in it. */
function shortenName(name: string): string {
  if (name.length <= 20) return name;
  const parts = name.split('.');
  const tail = parts.slice(1);
  const whole = tail.join('.');
  if (parts.length < 2 || whole.length <= 24) return parts.length < 2 ? `${name.slice(0, 23)}…` : whole;
  const short = `${tail.slice(0, 2).join('.')}…${tail.at(-1)}`;
  return short.length <= 25 ? short : `${short.slice(0, 24)}…`;
}

function number(count: number, className: string): Markup {
  return count === 0 ? markup`<td class="n zero">0` : markup`<td class="n ${className}">${count}`;
}
