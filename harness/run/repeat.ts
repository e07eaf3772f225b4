import type { GoldenProbe } from '../golden/bundle.js';
import { figuresOf, kindNamed } from '../kinds/index.js';
import type { Agreement } from '../metrics/agreement.js';
import type { Measurement, Spread } from '../result/record/case-result.js';
import type { Recording, Recordings } from './recording.js';

/** How far later runs are from the first. */
export interface Repeats {
  /** With the first. */
  readonly runs: number;
  /** Of each probe that the first run gave: the furthest. Null where a later run gave none that can be compared. */
  readonly plain: Spreads;
  /** The same of the graph that users run, loaded anew each time. */
  readonly shipped: Spreads;
}

type Spreads = ReadonlyMap<string, Recording | null>;

const forward = kindNamed('forward');

/**
 * Runs the same again.
 * @param first values of the first run, of what is looked at
 * @param run gives what was recorded, against other values than the goldens
 */
export async function measureSpreads(
  wanted: readonly GoldenProbe[],
  first: ReadonlyMap<string, Float32Array>,
  times: number,
  run: (against: readonly GoldenProbe[]) => Promise<Recordings>,
): Promise<Spreads> {
  const against = wanted.flatMap((golden) => {
    const value = first.get(golden.name);
    return value === undefined ? [] : [{ ...golden, value }];
  });
  const spreads = new Map<string, Recording | null>();
  for (let time = 0; time < times; time++) {
    const recordings = await run(against);
    for (const { name } of against) {
      const recording = recordings.get(name);
      const comparable = recording === undefined || recording.error === null ? null : recording;
      spreads.set(name, spreads.has(name) ? furthest(spreads.get(name)!, comparable) : comparable);
    }
  }
  return spreads;
}

/** Each figure of the two that is larger. NaN is the largest. */
function furthest(a: Recording | null, b: Recording | null): Recording | null {
  if (a === null || b === null) return null;
  const error = {
    ...a.error!,
    relRms: Math.max(a.error!.relRms, b.error!.relRms),
    maxOverRms: Math.max(a.error!.maxOverRms, b.error!.maxOverRms),
  };
  return { ...a, nonFinite: Math.max(a.nonFinite, b.nonFinite), error };
}

/**
 * With what repeats say: a probe whose runs are further apart than its limit fails. One that fails by no more than its
 * runs are apart is not repeatable, and fails all the same.
 */
export function withSpread(
  measured: Measurement,
  found: Recording | null | undefined,
  judge: (found: Recording) => Agreement,
): Measurement {
  if (found === undefined) return measured;
  if (found === null) return failing({ ...measured, spread: nothing }, 'another run of it gave none that fits');
  const { agrees, reason, relRms, maxOverRms, figures } = judge(found);
  const spread: Spread = { kind: forward.name, relRms, maxOverRms, figures };
  const fails = measured.own?.verdict === 'fail' ? measured.own : measured.verdict === 'fail' ? measured : null;
  const isNoMore =
    fails !== null && reaches(spread.relRms, fails.relRms) && reaches(spread.maxOverRms, fails.maxOverRms);
  const say = (reason: string | null) => (isNoMore ? `${reason}; ${unrepeatable}` : reason);
  const { own } = measured;
  const judged = {
    ...{ ...measured, spread, reason: say(measured.reason) },
    own: own?.verdict === 'fail' ? { ...own, reason: say(own.reason) } : own,
  };
  return agrees ? judged : failing(judged, `between runs of it, ${reason}`);
}

/** A failure that has a reason keeps it. */
function failing(measured: Measurement, reason: string): Measurement {
  if (measured.verdict === 'fail' || measured.verdict === 'missing') return measured;
  return { ...measured, verdict: 'fail', reason };
}

function reaches(spread: number | null, error: number | null): boolean {
  return spread !== null && error !== null && error <= spread;
}

const unrepeatable = 'it is unrepeatable: runs of it are as far apart';

const nothing: Spread = { kind: forward.name, relRms: null, maxOverRms: null, figures: figuresOf(forward, {}) };
