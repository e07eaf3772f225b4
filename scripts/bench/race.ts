import { setTimeout as rest } from 'node:timers/promises';
import { messageOf } from '../../harness/support/errors.js';
import { type Contender, median } from './contenders.js';

/** What starts contenders under one name, together. */
export type Start = readonly [name: string, start: () => Promise<readonly Contender[]>];

export interface RaceRow {
  readonly name: string;
  /** Why it has no figures, or null. */
  readonly reason: string | null;
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly peakRssMb: number;
  /** By baseline: this contender's time over the baseline's in the same round. */
  readonly ratios: Readonly<Record<string, Ratio>>;
}

export interface Ratio {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface RaceOptions {
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/**
 * Every contender once in each round, one after another, so that all see the same machine; one round is not counted.
 */
export async function raceContenders(starts: readonly Start[], options: RaceOptions): Promise<RaceRow[]> {
  return withContenders(starts, options.say, (contenders) => race(contenders, options));
}

/** Rows of those that could be started, as `measure` gives them, and then of those that could not. */
export async function withContenders(
  starts: readonly Start[],
  say: (line: string) => void,
  measure: (contenders: readonly Contender[]) => Promise<RaceRow[]>,
): Promise<RaceRow[]> {
  const failures: RaceRow[] = [];
  const contenders: Contender[] = [];
  try {
    for (const [name, start] of starts) {
      try {
        contenders.push(...(await start()));
        say(`${name}: started`);
      } catch (error) {
        failures.push({ ...nothing, name, reason: `not run: ${messageOf(error).split('\n')[0]}` });
      }
    }
    return [...(await measure(contenders)), ...failures];
  } finally {
    for (const contender of contenders) await contender.close();
  }
}

/** Before a pass the others' worker threads must have stopped spinning. */
const restMs = 300;

async function race(contenders: readonly Contender[], { rounds, say }: RaceOptions): Promise<RaceRow[]> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const peaks = new Map<string, number>();
  for (let round = -1; round < rounds; round++) {
    for (const contender of contenders) {
      await rest(restMs);
      const { ms, peakRssMb } = await contender.run();
      peaks.set(contender.name, peakRssMb);
      if (round >= 0) times.get(contender.name)!.push(ms);
    }
    if (round >= 0) say(`round ${round + 1} of ${rounds}`);
  }
  return contenders.map(({ name }) => rowOf(name, times, peaks.get(name)!));
}

function rowOf(name: string, times: ReadonlyMap<string, readonly number[]>, peakRssMb: number): RaceRow {
  const own = times.get(name)!;
  const ratios = [...times].map(([baseline, theirs]) => {
    const ratiosOfRounds = own.map((ms, round) => ms / theirs[round]!);
    return [
      baseline,
      { median: median(ratiosOfRounds), min: Math.min(...ratiosOfRounds), max: Math.max(...ratiosOfRounds) },
    ] as const;
  });
  return {
    name,
    reason: null,
    medianMs: median(own),
    minMs: Math.min(...own),
    maxMs: Math.max(...own),
    peakRssMb,
    ratios: Object.fromEntries(ratios),
  };
}

const nothing = { medianMs: Number.NaN, minMs: Number.NaN, maxMs: Number.NaN, peakRssMb: Number.NaN, ratios: {} };
