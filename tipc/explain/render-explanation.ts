import picocolors from 'picocolors';
import { renderCount } from '../../harness/support/figures.js';
import { printable } from '../../harness/support/printable.js';
import type { TipcFilteredRow, TipcPlan, TipcRow, TipcStep } from '../plan/plan.js';
import { foldCommand } from './fold-command.js';
import type { Replacement } from './replace-steps.js';

export interface Explanation {
  readonly plan: TipcPlan;
  /** Ports that tipcheck test runs; replacements are those of the first. */
  readonly ports: readonly string[];
  readonly replacements: readonly Replacement[];
}

/**
 * The steps of a plan with what runs in their place, rows that TIPC passes over, and notes.
 * @param columns of the terminal, to which command lines are folded; null leaves each as one line, exactly as TIPC has
 *   it
 */
export function renderExplanation({ plan, ports, replacements }: Explanation, columns: number | null): string {
  const { path, mode, modelName, form, outputFolder, steps, filtered, notes } = plan;
  const head = [
    picocolors.bold(`${printable(modelName)}  ${mode}  ${picocolors.dim(printable(path))}`),
    `form ${form}: ${renderCount(steps.length, 'step')}${filtered.length === 0 ? '' : `, and ${renderCount(filtered.length, 'row')} that TIPC passes over`}; TIPC writes to ${printable(outputFolder)}`,
    `In TIPC's place: ${ports[0]}${ports.length > 1 ? `; the same for ${ports.slice(1).join(', ')}` : ''}`,
  ];
  const blocks = steps.map((step) =>
    renderStep(
      step,
      replacements.find(({ number }) => number === step.number),
      columns,
    ),
  );
  const passed =
    filtered.length === 0 ? [] : [['Passed over by TIPC, in silence:', ...filtered.map(renderFiltered)].join('\n')];
  const noted = notes.length === 0 ? [] : [notes.map((note) => `note: ${printable(note)}`).join('\n')];
  return `${[head.join('\n'), ...blocks, ...passed, ...noted].join('\n\n')}\n`;
}

function renderStep(step: TipcStep, replacement: Replacement | undefined, columns: number | null): string {
  const title = [`${step.number}  ${step.kind}`, describeRow(step.row), `line ${step.line}`].filter(
    (part) => part !== '',
  );
  const devices = step.visibleDevices === null ? '' : `CUDA_VISIBLE_DEVICES=${step.visibleDevices}`;
  return [
    picocolors.bold([...title, devices].filter((part) => part !== '').join('  ')),
    renderCommandLine('TIPC', step.command, columns),
    ...renderReplacement(replacement, columns),
  ].join('\n');
}

function renderReplacement(replacement: Replacement | undefined, columns: number | null): string[] {
  if (replacement === undefined) return [];
  const { command, reason, notes, deviations } = replacement;
  const line =
    command === null
      ? `ours  ${picocolors.dim(`not run: ${printable(reason ?? '')}`)}`
      : renderCommandLine('ours', command, columns);
  return [
    line.startsWith('ours') ? `   ${line}` : line,
    ...deviations.map((text) => `         ${picocolors.dim(`deviation: ${printable(text)}`)}`),
    ...notes.map((note) => `         ${picocolors.dim(printable(note))}`),
  ];
}

function renderCommandLine(who: string, command: string, columns: number | null): string {
  const text = printable(command);
  const lines = columns === null ? [text] : foldCommand(text, columns - indent.length);
  return lines
    .map((line, index) => (index === 0 ? `   ${picocolors.dim(who)}  ${line}` : `${indent}  ${line}`))
    .join('\n');
}

const indent = ' '.repeat('   TIPC  '.length);

function renderFiltered({ kind, row, reason, line }: TipcFilteredRow): string {
  return `   ${[kind, describeRow(row)].filter((part) => part !== '').join('  ')}: ${printable(reason)} (line ${line})`;
}

/** What sets a row apart. */
function describeRow(row: TipcRow): string {
  const parts = [
    row.trainer,
    row.gpu === null ? null : row.gpu === '-1' ? 'no GPU chosen' : `GPU ${row.gpu}`,
    row.ranks > 1 ? `${row.ranks} ranks` : null,
    row.nodes > 1 ? `${row.nodes} machines` : null,
    row.device === null ? null : `on ${row.device}`,
    row.autocast === null || row.autocast === 'null' ? null : `autocast ${row.autocast}`,
    row.mkldnn === null ? null : `mkldnn ${row.mkldnn}`,
    row.tensorRt === null ? null : `TensorRT ${row.tensorRt}`,
    row.threads === null ? null : `${row.threads} threads`,
    row.precision,
    row.batchSize === null ? null : `batch ${row.batchSize}`,
    row.quantised ? 'quantised' : null,
  ];
  return parts
    .filter((part) => part !== null)
    .map(printable)
    .join(', ');
}
