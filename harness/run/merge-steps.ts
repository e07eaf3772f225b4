import type { StepResult, TipcRun } from '../result/record/tipc-run.js';
import { UserError } from '../support/errors.js';
import { groupBy, uniqueOf } from '../support/group.js';
import { stepIdOf } from './find-step-contradictions.js';
import type { LabelledSteps } from './labelled-steps.js';
import { mergeInputs } from './merge-inputs.js';
import { portBeforeMerge } from './port-before-merge.js';

/** What is planned beside what the runs themselves say. */
export interface WantedSteps {
  /** Null: the ports that the text file names. */
  readonly ports: readonly string[] | null;
  readonly modes: readonly string[];
}

export interface MergedSteps {
  readonly tipc: TipcRun;
  /** Planned rows that no run has, rows that two runs have, and rows of another plan, a sentence each. */
  readonly faults: readonly string[];
}

/**
 * Joins runs of one TIPC text file: of several ports, modes or devices. If a row did not run in one job and ran in
 * another, the latter counts. If two jobs ran the rows of a port on several devices, the port is called
 * `<port>@<label>` and keeps all verdicts.
 * @throws UserError for runs of another file or commit, or that read other inputs
 */
export function mergeSteps(runs: readonly LabelledSteps[], wanted: WantedSteps): MergedSteps {
  validateSame(runs, 'text files', ({ file, fileSha256 }) => `${file}, sha256 ${fileSha256.slice(0, 12)}`, fileOf);
  validateSame(runs, 'commits', ({ commit }) => commit ?? 'none');
  const first = runs[0]!.tipc;
  const modes = uniqueOf(runs.map(({ tipc }) => tipc.mode));
  const groups = groupBy(runs.flatMap(partsOf), ({ mode, port }) => JSON.stringify([mode, port]));
  const joined = groups.map(joinParts);
  const steps = joined.flatMap((part) => part.steps).map((step) => (modes.length === 1 ? step : withMode(step)));
  const plain = steps.map((step) => (modes.length === 1 ? withoutMode(step) : step));
  const inputs = mergeInputs(runs);
  const ports = uniqueOf(runs.flatMap(({ tipc }) => tipc.ports));
  return {
    tipc: {
      ...first,
      startFolder: null,
      inputs,
      files: inputs === null ? null : runs.flatMap(({ tipc }) => tipc.files ?? []),
      params: runs.find(({ tipc }) => tipc.params !== null)?.tipc.params ?? null,
      mode: modes.join(', '),
      deviations: uniqueOf(runs.flatMap(({ tipc }) => tipc.deviations)),
      // If one job does not tolerate something, the whole does not.
      allowed: first.allowed.filter((lack) => runs.every(({ tipc }) => tipc.allowed.includes(lack))),
      required: uniqueOf(runs.flatMap(({ tipc }) => tipc.required)),
      ports,
      planned: plain.map(({ id }) => id),
      steps: plain,
    },
    faults: [
      ...findMissing(groups, { ports: wanted.ports ?? ports, modes: [...modes, ...wanted.modes] }),
      ...findOtherPlans(groups),
      ...joined.flatMap(({ faults }) => faults),
    ],
  };
}

function fileOf({ fileSha256, model }: TipcRun): string {
  return `${model} ${fileSha256}`;
}

function validateSame(
  runs: readonly LabelledSteps[],
  what: string,
  describe: (tipc: TipcRun) => string,
  keyOf = describe,
): void {
  const [first, ...others] = runs;
  const other = others.find(({ tipc }) => keyOf(tipc) !== keyOf(first!.tipc));
  if (other === undefined) return;
  throw new UserError(
    `Cannot merge ${first!.label} and ${other.label}: they ran different ${what} (${describe(first!.tipc)}; ${describe(other.tipc)}); one is wanted`,
  );
}

/** The steps of one port in one run. */
interface Part {
  readonly label: string;
  readonly mode: string;
  readonly port: string;
  /** As a text file calls it. */
  readonly ownPort: string;
  readonly steps: readonly StepResult[];
}

function partsOf({ label, command, tipc }: LabelledSteps): Part[] {
  const steps = tipc.steps.map((step) => ({ ...step, mode: step.mode ?? tipc.mode }));
  return groupBy(steps, ({ mode, port }) => JSON.stringify([mode, port])).map((own) => ({
    ...{ label, mode: own[0]!.mode, port: own[0]!.port, steps: own },
    ownPort: portBeforeMerge(own[0]!.port, command),
  }));
}

/** The rows of one port and mode, of all runs that have them. */
function joinParts(parts: readonly Part[]): {
  readonly steps: readonly StepResult[];
  readonly faults: readonly string[];
} {
  const [first] = parts;
  const rows = first!.steps.map(({ number }) =>
    parts.flatMap(({ label, steps }) => {
      const step = steps.find((one) => one.number === number);
      return step === undefined || step.verdict === 'not-run' ? [] : [{ label, step }];
    }),
  );
  const twice = rows.filter((ran) => ran.length > 1);
  if (twice.length === 0) return { steps: first!.steps.map((step, at) => rows[at]![0]?.step ?? step), faults: [] };
  if (twice.some((ran) => uniqueOf(ran.map(({ step }) => deviceOf(step))).length > 1))
    return { steps: parts.flatMap(({ label, steps }) => steps.map((step) => relabel(step, label))), faults: [] };
  return {
    steps: first!.steps,
    faults: twice.map(
      (ran) =>
        `${ran[0]!.step.id} of ${first!.mode} ran on the ${deviceOf(ran[0]!.step)} in ${ran.map(({ label }) => label).join(' and in ')}; once is wanted`,
    ),
  };
}

function deviceOf({ engine, deviceAsked }: StepResult): string {
  return engine?.device ?? deviceAsked ?? 'same device';
}

function relabel(step: StepResult, label: string): StepResult {
  return { ...step, port: `${step.port}@${label}` };
}

/** In a merge of several modes a step's id says which it is of. */
function withMode(step: StepResult): StepResult {
  return { ...step, id: stepIdOf(step) };
}

function withoutMode({ mode: _mode, ...step }: StepResult): StepResult {
  return { ...step, id: stepIdOf(step) };
}

function findMissing(
  groups: readonly (readonly Part[])[],
  { ports, modes }: { readonly ports: readonly string[]; readonly modes: readonly string[] },
): string[] {
  const found = new Set(groups.flat().map(({ mode, ownPort }) => JSON.stringify([mode, ownPort])));
  return uniqueOf(modes).flatMap((mode) =>
    ports
      .filter((port) => !found.has(JSON.stringify([mode, port])))
      .map((port) => `${mode} through ${port} was planned, and is in none of the runs`),
  );
}

/** Rows of one mode are the same for all ports and in all runs: the file gives them. */
function findOtherPlans(groups: readonly (readonly Part[])[]): string[] {
  const rowsOf = ({ steps }: Part) => steps.map(({ number, kind }) => `${number}-${kind}`).join(' ');
  return groupBy(groups.flat(), ({ mode }) => mode).flatMap(([first, ...others]) =>
    others
      .filter((part) => rowsOf(part) !== rowsOf(first!))
      .map(
        (part) =>
          `${part.port} of ${part.label} has the rows ${rowsOf(part)}; ${first!.port} of ${first!.label} has ${rowsOf(first!)}, and one plan of ${part.mode} is wanted`,
      ),
  );
}
