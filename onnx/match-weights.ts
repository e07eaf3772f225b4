import type { Float32NdArray } from '../harness/contract/nd-array.js';
import { findFolds, type NormFold } from './folded-norms.js';
import type { GraphProto, TensorProto } from './model-proto.js';
import type { ProbeMap } from './probe-map.js';
import { findWeightTensors } from './tensors.js';
import {
  findOrder,
  fingerprint,
  isConstant,
  isHalf,
  isNear,
  readFloats,
  roundAsFile,
  sameOrder,
  sumOfSquares,
} from './weight-values.js';

/** What files may call the bundle's weights. */
export interface Naming {
  /** For a sentence: `mmsegmentation 1.2.2`. Null: the bundle's own names. */
  readonly title: string | null;
  readonly names: ReadonlyMap<string, string>;
}

/** One weight of the bundle in a file. */
export interface MatchedWeight {
  /** Null where the file has none, as far as is known. */
  readonly tensor: TensorProto | null;
  /** `fold`: a norm was folded into the convolution, and the folded value was compared. */
  readonly by: 'map' | 'name' | 'value' | 'fold' | null;
  readonly state: 'equal' | 'different' | 'absent';
}

export interface WeightMatches {
  readonly weights: ReadonlyMap<string, MatchedWeight>;
  /** Whose names they have, null where none was found by name, and what stands before each. */
  readonly naming: Naming | null;
  readonly prefix: string;
  readonly folds: readonly NormFold[];
  /** Weights that are equal and tell something: one whose elements are all alike is equal in many models. */
  readonly telling: number;
}

/**
 * The file's tensor of each weight of the bundle: what `--map` says; of its name, in that of the namings that finds the
 * most, after a common prefix; a convolution with a norm folded into it; else the one of the same values, up to a
 * transposition.
 */
export function matchWeights(
  graph: GraphProto,
  weights: ReadonlyMap<string, Float32NdArray>,
  namings: readonly Naming[],
  map: ProbeMap = new Map(),
): WeightMatches {
  const tensors = findWeightTensors(graph);
  const { naming, prefix } = chooseNaming([...tensors.keys()], namings);
  const matched = new Map<string, MatchedWeight>();
  const claimed = new Set<TensorProto>();
  for (const [name, { shape, data }] of weights) {
    const mapped = map.get(name);
    const theirs = naming?.names.get(name);
    const tensor = tensors.get(mapped ?? (theirs === undefined ? '' : prefix + theirs));
    if (tensor === undefined) continue;
    claimed.add(tensor);
    const state = findOrder(tensor, shape, data) === null ? 'different' : 'equal';
    matched.set(name, { tensor, by: mapped === undefined ? 'name' : 'map', state });
  }
  matchByValue(tensors, weights, matched, claimed);
  const open = new Map([...weights].filter(([name]) => matched.get(name)?.state !== 'equal'));
  const folds = findFolds(graph, tensors, weights, open, (name) => candidates(name, tensors, matched, claimed));
  for (const fold of folds) {
    claimed.add(fold.tensor);
    for (const [name, state] of fold.weights) matched.set(name, { tensor: fold.tensor, by: 'fold', state });
  }
  matchByNearness(tensors, weights, matched, claimed);
  const absent = { tensor: null, by: null, state: 'absent' } as const;
  return {
    weights: new Map([...weights.keys()].map((name) => [name, matched.get(name) ?? absent])),
    ...{ naming, prefix, folds },
    telling: [...matched].filter(([name, { state }]) => state === 'equal' && !isConstant(weights.get(name)!.data))
      .length,
  };
}

/** The naming and the prefix by which most names are found. The first of equals: the bundle's own names. */
function chooseNaming(names: readonly string[], namings: readonly Naming[]): Pick<WeightMatches, 'naming' | 'prefix'> {
  let best: Pick<WeightMatches, 'naming' | 'prefix'> & { count: number } = { naming: null, prefix: '', count: 0 };
  for (const naming of namings) {
    const known = new Set(naming.names.values());
    const counts = new Map<string, number>();
    for (const name of names)
      for (const prefix of prefixesOf(name))
        if (known.has(name.slice(prefix.length))) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    for (const [prefix, count] of counts) if (count > best.count) best = { naming, prefix, count };
  }
  return { naming: best.naming, prefix: best.prefix };
}

/** Of `a.b.c`: none, `a.` and `a.b.`. Exporters write slashes, too. A hostile name may have thousands of parts. */
function prefixesOf(name: string): string[] {
  const ends = [...name.matchAll(/[./]/g)].slice(0, mostParts).map(({ index }) => index + 1);
  return ['', ...ends.map((end) => name.slice(0, end))];
}

const mostParts = 12;

function matchByValue(
  tensors: ReadonlyMap<string, TensorProto>,
  weights: ReadonlyMap<string, Float32NdArray>,
  matched: Map<string, MatchedWeight>,
  claimed: Set<TensorProto>,
): void {
  const unnamed = [...weights].filter(([name, { data }]) => !matched.has(name) && !isConstant(data));
  if (unnamed.length === 0) return;
  const byPrint = new Map<string, TensorProto[]>();
  for (const tensor of tensors.values()) {
    const values = claimed.has(tensor) ? null : readFloats(tensor);
    if (values === null) continue;
    const print = fingerprint(values);
    const alike = byPrint.get(print);
    if (alike === undefined) byPrint.set(print, [tensor]);
    else alike.push(tensor);
  }
  const anyHalf = [...tensors.values()].some(isHalf);
  for (const [name, { shape, data }] of unnamed) {
    const prints = [fingerprint(data), ...(anyHalf ? [fingerprint(roundAsFile(data))] : [])];
    const found = prints
      .flatMap((print) => byPrint.get(print) ?? [])
      .find((tensor) => !claimed.has(tensor) && findOrder(tensor, shape, data) !== null);
    if (found === undefined) continue;
    claimed.add(found);
    matched.set(name, { tensor: found, by: 'value', state: 'equal' });
  }
}

/** What is nearly a weight of the bundle is that weight, and differs. */
function matchByNearness(
  tensors: ReadonlyMap<string, TensorProto>,
  weights: ReadonlyMap<string, Float32NdArray>,
  matched: Map<string, MatchedWeight>,
  claimed: Set<TensorProto>,
): void {
  for (const [name, { shape, data }] of weights) {
    if (matched.has(name) || isConstant(data)) continue;
    const squares = sumOfSquares(data);
    const found = [...tensors.values()].find(
      (tensor) => !claimed.has(tensor) && sameOrder(tensor, shape) && isNear(readFloats(tensor), data, squares),
    );
    if (found === undefined) continue;
    claimed.add(found);
    matched.set(name, { tensor: found, by: 'value', state: 'different' });
  }
}

/** Tensors that may hold a convolution's weight after a fold: that of its name, else all that nobody claims. */
function candidates(
  name: string,
  tensors: ReadonlyMap<string, TensorProto>,
  matched: ReadonlyMap<string, MatchedWeight>,
  claimed: ReadonlySet<TensorProto>,
): readonly TensorProto[] {
  const own = matched.get(name)?.tensor;
  return own == null ? [...tensors.values()].filter((tensor) => !claimed.has(tensor)) : [own];
}
