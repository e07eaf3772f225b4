import type { Result } from '../../result/record/result.js';
import { renderDuration } from '../../support/figures.js';
import { type Markup, markup } from '../markup.js';

/** The verdict first, then which run it was. */
export function renderHeader({
  verdict,
  summary,
  partial,
  suite,
  command,
  startedAt,
  durationMs,
  runId,
  tipcheckVersion,
}: Result): Markup {
  return markup`<header>
<p class="verdict ${verdict}">${verdictWords[verdict]}</p>
<h1>${summary}</h1>
${partial ? markup`<p class="warning">Partial: only some of the probes were asked for (<code>--only</code>).</p>` : null}
<p class="run"><code>tipcheck ${command.join(' ')}</code>${suite === null ? null : markup` · suite ${suite}`} ·
<time datetime="${startedAt}">${startedAt.slice(0, 16).replace('T', ' ')} UTC</time> · ${renderDuration(durationMs)} · run ${runId} · tipcheck ${tipcheckVersion}</p>
</header>`;
}

const verdictWords: Readonly<Record<Result['verdict'], string>> = {
  pass: 'Pass',
  waived: 'Waived',
  fail: 'Fail',
  error: 'Error',
  'not-run': 'Not run',
};
