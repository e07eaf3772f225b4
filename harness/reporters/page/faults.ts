import { type CaseResult, titleOf } from '../../result/record/case-result.js';
import type { Result } from '../../result/record/result.js';
import { explainCounts, explainFault, explainMeaning } from '../explain.js';
import { explainIdleWaivers, explainWaived } from '../explain-waivers.js';
import { type Markup, markup } from '../markup.js';
import { summariseCase } from '../summarise-case.js';

/**
 * What does not pass, before everything else: where it goes wrong first, and what to do about it; what is known comes
 * last.
 */
export function renderFaults(result: Result): Markup | null {
  const failing = result.cases.filter(({ verdict }) => verdict !== 'pass');
  const isKnown = (found: CaseResult) => found.verdict === 'waived';
  const idle = explainIdleWaivers(result);
  if (failing.length + idle.length === 0) return null;
  return markup`<section class="faults" aria-labelledby="faults">
<h2 id="faults">${failing.length === 1 ? 'Where it goes wrong' : 'Where they go wrong'}</h2>
${[...failing.filter((found) => !isKnown(found)), ...failing.filter(isKnown)].map(renderFault)}
${idle.map(({ state, note }) => markup`<p class="idle"><b>${state}</b>: ${note}.</p>\n`)}
</section>`;
}

function renderFault(found: CaseResult): Markup {
  const fault = explainFault(found);
  const by =
    fault === null
      ? null
      : markup` <span class="muted">goes wrong${fault.title === 'first fault' ? ' first' : ''}, by its ${fault.by} error, at</span>`;
  const title = markup`<h3><span class="tag ${found.verdict}">${found.verdict}</span> ${titleOf(found)}${by}</h3>`;
  const known = explainWaived(found).map((text) => markup`<p class="waived">${text}.</p>`);
  if (fault === null)
    return markup`<article>${title}<p>${found.reason ?? 'No reason was given.'}</p>${known}</article>`;
  return markup`<article>${title}
<p class="first"><code>${fault.layer}</code></p>
<p>${upperFirst(fault.found)}.${fault.worst === null ? null : markup` ${upperFirst(fault.worst)}.`}</p>
${fault.others === null ? null : markup`<p>On their own at fault, too: ${fault.others}.</p>\n`}<p class="muted">${explainCounts(summariseCase(found))}${found.meaning === null ? null : `; ${explainMeaning(found.meaning)}`}.</p>
${known}
<p class="hint">${fault.hint}</p>
</article>`;
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
