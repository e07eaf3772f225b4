import type { GoldenProbe } from '../../golden/bundle.js';
import type { PortHost } from '../../hosts/subprocess-host.js';
import { kindNamed } from '../../kinds/index.js';
import type { Figure } from '../../result/record/case-result.js';
import { EnvironmentError, messageOf, UserError } from '../../support/errors.js';
import { renderTimes } from '../../support/figures.js';
import { runProbes } from '../execute.js';
import { judgeRecording } from '../judge.js';
import type { PlannedCase } from '../plan.js';

/** What came of a file's outputs, optimised in one way. */
export interface Tried {
  readonly agrees: boolean;
  /** `logits 0.8× noise, largest 1.1×`: of the worst output; or why it did not run. */
  readonly said: string;
  /** The passes that act, in their order; empty where they were not asked for. */
  readonly passes: readonly string[];
  /** The outputs' values; null where it did not run. */
  readonly values: ReadonlyMap<string, Float32Array> | null;
  /** Why it did not run; null where it did. */
  readonly refused: UserError | EnvironmentError | null;
}

const forward = kindNamed('forward');

/** @param off names of passes that are left out */
export async function tryOptimised(
  host: PortHost,
  { bundle }: PlannedCase,
  outputs: readonly GoldenProbe[],
  level: string,
  off: readonly string[],
  list: boolean,
): Promise<Tried> {
  const { inputs, draws } = bundle;
  const passes = await host.optimise({ inputs, draws, probes: outputs.map(({ name }) => name), level, off, list });
  try {
    const { recordings, values } = await runProbes(host, bundle, { wanted: outputs, outputs });
    const judged = outputs.map((golden) => {
      const recording = recordings.get(golden.name);
      if (recording === undefined) return { name: golden.name, agrees: false, figures: [] };
      return { name: golden.name, ...judgeRecording(golden, golden.noise, recording, null, forward) };
    });
    const worst = judged.find(({ agrees }) => !agrees) ?? judged.reduce((a, b) => (reach(b) > reach(a) ? b : a));
    const [rms, largest] = worst.figures.map(({ value }) => renderTimes(value));
    const said = rms === undefined ? `no ${worst.name}` : `${worst.name} ${rms} noise, largest ${largest}`;
    return { agrees: judged.every(({ agrees }) => agrees), said, passes, values, refused: null };
  } catch (error) {
    // What the engine refuses optimised so says something; a process that has ended does not.
    if (!(error instanceof UserError || error instanceof EnvironmentError) || !host.alive) throw error;
    return { agrees: false, said: messageOf(error), passes, values: null, refused: error };
  }
}

export function sameBits({ values: a }: Tried, { values: b }: Tried): boolean {
  if (a === null || b === null) return a === b;
  return [...a].every(([name, value]) => {
    const other = b.get(name);
    return other?.length === value.length && value.every((one, at) => Object.is(one, other[at]));
  });
}

function reach({ figures }: { readonly figures: readonly Figure[] }): number {
  return figures[0]?.value ?? Number.POSITIVE_INFINITY;
}
