import type { CaseResult, Result } from '../../result.js';
import { explainCounts, explainFault, explainMeaning } from '../explain.js';
import { type Markup, markup } from '../markup.js';
import { summariseCase } from '../summarise-case.js';

/** What does not pass, before everything else: where it goes wrong first, and what to do about it. */
export function renderFaults({ cases }: Result): Markup | null {
  const failing = cases.filter(({ verdict }) => verdict !== 'pass');
  if (failing.length === 0) return null;
  return markup`<section class="faults" aria-labelledby="faults">
<h2 id="faults">${failing.length === 1 ? 'Where it goes wrong' : 'Where they go wrong'}</h2>
${failing.map(renderFault)}
</section>`;
}

function renderFault(found: CaseResult): Markup {
  const fault = explainFault(found);
  const by =
    fault === null
      ? null
      : markup` <span class="muted">goes wrong first, by its ${found.firstFaultBy} error, at</span>`;
  const title = markup`<h3><span class="tag ${found.verdict}">${found.verdict}</span> ${found.port} · ${found.bundle}${by}</h3>`;
  if (fault === null) return markup`<article>${title}<p>${found.reason ?? 'No reason was given.'}</p></article>`;
  return markup`<article>${title}
<p class="first"><code>${fault.layer}</code></p>
<p>${upperFirst(fault.found)}.${fault.worst === null ? null : markup` ${upperFirst(fault.worst)}.`}</p>
<p class="muted">${explainCounts(summariseCase(found))}${found.meaning === null ? null : `; ${explainMeaning(found.meaning)}`}.</p>
<p class="hint">${fault.hint}</p>
</article>`;
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
