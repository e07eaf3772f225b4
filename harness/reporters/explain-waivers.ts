import type { CaseResult } from '../result/record/case-result.js';
import type { Result, WaiverUse } from '../result/record/result.js';
import type { Excuse } from '../result/record/verdict.js';
import { renderCount } from '../support/figures.js';

/**
 * Why failures of a case are let through, a sentence for each reason: `3 failures waived until 2027-01-31: …
 * (https://…)`.
 */
export function explainWaived({ measurements, waived }: CaseResult): string[] {
  if (waived !== undefined) return [explainExcuse('the crash is', waived)];
  const groups = new Map<string, { excuse: Excuse; named: number; inherit: number }>();
  for (const { waived: excuse } of measurements) {
    if (excuse === undefined) continue;
    const key = `${excuse.because} ${excuse.until} ${excuse.link}`;
    const group = groups.get(key) ?? { excuse, named: 0, inherit: 0 };
    groups.set(key, group);
    group[excuse.inheritsFrom === null ? 'named' : 'inherit'] += 1;
  }
  return [...groups.values()].map(({ excuse, named, inherit }) => {
    const more = inherit === 0 ? '' : `, and ${inherit} that ${inherit === 1 ? 'inherits' : 'inherit'},`;
    return explainExcuse(`${renderCount(named, 'failure')}${more}`, excuse);
  });
}

/** One waived failure in a line, for a probe of its own. */
export function explainExcuse(what: string, { because, link, until, inheritsFrom }: Excuse): string {
  const from = inheritsFrom === null ? '' : ` with ${inheritsFrom}`;
  const by = until === null ? 'expected' : `waived until ${until}`;
  return `${what} ${by}${from}: ${because}${link === null ? '' : ` (${link})`}`.trim();
}

/** What became of each waiver that did not simply do its work. */
export function explainIdleWaivers({
  waivers = [],
}: Result): { readonly state: WaiverUse['state']; readonly note: string }[] {
  return waivers.flatMap(({ state, note }) => (note === null ? [] : [{ state, note }]));
}
