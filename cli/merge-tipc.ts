import { dirname, join, relative, resolve } from 'node:path';
import type { Result, TipcRun } from '../harness/result.js';
import { joinFrames, type LabelledResult } from '../harness/run/merge-results.js';
import { mergeSteps, type WantedSteps } from '../harness/run/merge-steps.js';
import { judgeSteps, summariseSteps } from '../harness/run/summarise-steps.js';
import { writeAtomicFile } from '../harness/support/atomic-file.js';

export interface StoredSteps extends LabelledResult {
  /** Of its result.json. */
  readonly path: string;
}

/** Runs of TIPC's modes as one result in the folder `out`, and what is wrong with them as parts of one whole. */
export function mergeTipcRuns(
  runs: readonly StoredSteps[],
  wanted: WantedSteps,
  out: string,
): { readonly result: Result; readonly faults: readonly string[] } {
  const starts = runs.map(({ path, result }) => startOf(path, result.tipc!));
  // Jobs of a matrix start in folders of their own: then paths are from where the whole lies.
  const start = new Set(starts).size === 1 ? starts[0]! : resolve(out);
  const placed = runs.map(({ label, result }, at) => ({ label, tipc: moveFiles(result.tipc!, starts[at]!, start) }));
  const { tipc: joined, faults } = mergeSteps(placed, wanted);
  const tipc = { ...joined, startFolder: relative(out, start) || '.' };
  return {
    result: { ...joinFrames(runs, []), verdict: judgeSteps(tipc), summary: summariseSteps(tipc), tipc },
    faults,
  };
}

/** The plan of a whole is that of its parts. */
export async function writeMergedPlan(out: string, tipc: TipcRun): Promise<void> {
  const steps = tipc.steps.map(({ id, command, row, deviations, notes, estimate }) => ({
    ...{ id, command, row, deviations, notes, estimate },
  }));
  await writeAtomicFile(join(out, 'plan.json'), `${JSON.stringify({ ...tipc, steps }, null, 2)}\n`);
}

/** Results of an earlier version do not say where they were started: here, then. */
function startOf(path: string, { startFolder }: TipcRun): string {
  return startFolder === undefined ? resolve('') : resolve(dirname(path), startFolder);
}

function moveFiles(tipc: TipcRun, from: string, to: string): TipcRun {
  if (from === to) return tipc;
  const move = (path: string): string => relative(to, resolve(from, path));
  const steps = tipc.steps.map((step) => ({
    ...step,
    log: step.log === null ? null : move(step.log),
    artefacts: step.artefacts.map((artefact) => ({ ...artefact, path: move(artefact.path) })),
  }));
  return { ...tipc, steps };
}
