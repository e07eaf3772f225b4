import type { Result } from '../../result/record/result.js';
import { renderBaselineFinding, summariseBaseline } from '../explain-baseline.js';
import { type Markup, markup } from '../markup.js';

/** How many findings are shown; result.json has all. */
const shown = 40;

/** What the run is beside the earlier one that it was held against. */
export function renderBaseline({ baseline }: Result): Markup | null {
  if (baseline === undefined) return null;
  const { findings, factor, floor, because, verdict } = baseline;
  const more = findings.length > shown ? markup`<p class="muted">… and ${findings.length - shown} more.</p>` : null;
  return markup`<section aria-labelledby="baseline">
<h2 id="baseline">Beside the baseline</h2>
<p><span class="tag ${verdict}">${verdict}</span> ${summariseBaseline(baseline)}</p>
${findings.length === 0 ? null : markup`<ul class="cases">${findings.slice(0, shown).map((finding) => markup`<li><b>${finding.what}</b> ${renderBaselineFinding(finding)}\n`)}</ul>`}${more}
<p class="muted">A multiple of the noise may grow to ${factor} × that of the baseline, which counts as at least ${floor.rms} × (${floor.largest} × of single elements): ${because}.</p>
</section>`;
}
