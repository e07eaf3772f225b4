import { renderTimes } from '../figures.js';
import { type Markup, markup } from '../markup.js';
import type { BundleView, CaseView, Page } from './arrange.js';
import { renderKey } from './marks.js';
import { renderSparkline } from './sparkline.js';

/** A line per port and bundle: the verdict, the run of its errors in small, its worst layers, and what that does to pixels. */
export function renderOverview({ bundles }: Page): Markup {
  return markup`<section aria-labelledby="overview">
<h2 id="overview">All cases</h2>
<div class="wide" tabindex="0" role="region" aria-label="All cases"><table class="overview">
<thead><tr><th scope="col">bundle<th scope="col">port<th scope="col">verdict<th scope="col">layers, first to last<th scope="col" class="n">layers<th scope="col" class="n">faulty<th scope="col" class="n">inherit<th scope="col" colspan="2">worst accumulated<th scope="col" colspan="2">worst on its own<th scope="col" class="n">logits as shipped<th scope="col" class="n">pixels changed
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
  if (found.measurements.length === 0) return markup`${start}<td colspan="10" class="why">${found.reason ?? ''}\n`;
  return markup`${start}<td>${renderSparkline(found)}<td class="n">${found.measurements.length}${number(counts.faulty + counts.missing + counts.suspect, 'bad')}${number(counts.inherits, 'faint')}<td class="n">${renderTimes(worst?.noiseRatio)}<td class="layer">${worst?.name ?? ''}<td class="n">${renderTimes(worstOwn?.own?.noiseRatio)}<td class="layer">${worstOwn?.name ?? ''}<td class="n">${shipped === null ? '–' : renderTimes(shipped.logits.noiseRatio)}<td class="n">${meaning === null ? '–' : `${meaning.changed} of ${meaning.pixels}`}\n`;
}

function number(count: number, className: string): Markup {
  return count === 0 ? markup`<td class="n zero">0` : markup`<td class="n ${className}">${count}`;
}
