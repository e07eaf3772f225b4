import {
  type Artefact,
  reductionsOf,
  reductionsOfStep,
  type StepCheck,
  type StepResult,
  type TipcRun,
} from '../../result/record/tipc-run.js';
import { renderDuration } from '../../support/figures.js';
import { explainEngine } from '../explain.js';
import { explainFigures, explainRow } from '../explain-step.js';
import { type Markup, markup } from '../markup.js';

/**
 * The steps of a TIPC mode: a table with the ports side by side, how what ran differs from the file, and each step in
 * full.
 */
export function renderSteps(tipc: TipcRun): Markup {
  const { model, mode, file, fileSha256, steps } = tipc;
  const deviations = reductionsOf(tipc);
  return markup`<section class="steps" aria-labelledby="steps">
<h2 id="steps">${model}, ${mode}</h2>
<p class="muted">Steps of <code>${file}</code>, <code class="hash">${fileSha256.slice(0, 12)}</code>, in TIPC’s order.</p>
${deviations.length === 0 ? null : markup`<div class="reduced"><p><b>Reduced.</b> What ran is not what the file asks for:</p><ul>${deviations.map((text) => markup`<li>${text}\n`)}</ul></div>`}
${renderTable(tipc)}
<h3>Each step</h3>
${steps.map(renderStep)}
</section>`;
}

function renderTable({ steps }: TipcRun): Markup {
  const ports = [...new Set(steps.map(({ port }) => port))];
  const numbers = [...new Set(steps.map(({ number }) => number))];
  const rows = numbers.map((number) => {
    const cells = ports.map((port) => steps.find((step) => step.port === port && step.number === number) ?? null);
    const first = cells.find((cell) => cell !== null)!;
    return markup`<tr><td class="n">${number}<th scope="row">${first.kind}<td>${explainRow(first)}${cells.map(renderCell)}\n`;
  });
  return markup`<div class="wide" tabindex="0" role="region" aria-label="Steps"><table class="overview">
<thead><tr><th scope="col" class="n">step<th scope="col">kind<th scope="col">row${ports.map((port) => markup`<th scope="col" colspan="2">${port}`)}
<tbody>${rows}</table></div>`;
}

function renderCell(step: StepResult | null): Markup {
  if (step === null) return markup`<td colspan="2">not planned`;
  const found = step.verdict === 'pass' ? explainFigures(step) : (step.reason ?? '');
  return markup`<td><span class="tag ${step.verdict}">${step.verdict}</span><td><div class="why">${found}</div>`;
}

function renderStep(step: StepResult): Markup {
  const { id, verdict, reason, command, ran, notes, checks, figures, artefacts, log, engine, durationMs } = step;
  return markup`<details class="step"${verdict === 'pass' ? null : markup` open`}><summary><span class="tag ${verdict}">${verdict}</span> <b>${id}</b> <span class="muted">${explainRow(step)}${durationMs > 0 ? `, ${renderDuration(durationMs)}` : ''}</span></summary>
${reason === null ? null : markup`<p>${reason}</p>`}
<dl>
<dt>TIPC’s command<dd><code>${command}</code>
<dt>ran<dd>${ran === null ? 'nothing' : markup`<code>${ran}</code>`}
${engine === null ? null : markup`<dt>engine<dd>${explainEngine(engine)}`}
${log === null ? null : markup`<dt>log<dd><code>${log}</code>`}
${step.estimate === null ? null : markup`<dt>estimated<dd>${renderDuration(step.estimate.seconds * 1000)}, ${Math.round(step.estimate.memoryMb)} MB`}
${reductionsOfStep(step).map((text) => markup`<dt>deviation<dd>${text}`)}
${notes.map((text) => markup`<dt>note<dd>${text}`)}
</dl>
${checks.length === 0 ? null : renderChecks(checks)}
${Object.keys(figures).length === 0 ? null : markup`<p class="muted">${Object.entries(figures).map(([name, value]) => markup`<span class="figure">${name} ${renderFigure(value)}</span> `)}</p>`}
${artefacts.length === 0 ? null : renderArtefacts(artefacts)}
</details>
`;
}

function renderChecks(checks: readonly StepCheck[]): Markup {
  return markup`<div class="wide" tabindex="0" role="region" aria-label="Checks"><table>
<thead><tr><th scope="col">check<th scope="col">verdict<th scope="col">found
<tbody>${checks.map(({ name, verdict, found, because }) => markup`<tr><th scope="row">${name}<td><span class="tag ${verdict}">${verdict}</span><td><div class="why">${found}${because === null ? null : markup` <span class="muted">(${because})</span>`}</div>\n`)}
</table></div>`;
}

function renderArtefacts(artefacts: readonly Artefact[]): Markup {
  return markup`<ul class="artefacts">${artefacts.map(({ path, bytes, sha256 }) => markup`<li><code>${path}</code> ${bytes} bytes, <code class="hash">${sha256.slice(0, 12)}</code>\n`)}</ul>`;
}

function renderFigure(value: number): string {
  return String(Number(value.toPrecision(5)));
}
