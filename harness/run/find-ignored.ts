import type { Float32NdArray } from '../contract/nd-array.js';
import type { GoldenProbe } from '../golden/bundle.js';
import type { TensorError } from '../metrics/tensor-error.js';
import { disturb } from './check-port/replaced-runs.js';

/** What is looked at of a probe that was measured. */
interface Recording {
  readonly nonFinite: number;
  readonly error: TensorError | null;
}

type Recordings = ReadonlyMap<string, Recording>;

/** Replacements of a port that change nothing. */
export type Ignored = 'all' | readonly string[];

interface OwnRun {
  /** In the bundle's order. */
  readonly wanted: readonly GoldenProbe[];
  readonly replacements: ReadonlyMap<string, Float32NdArray>;
  readonly plain: Recordings;
  readonly own: Recordings;
  /** The first layer whose own error fails; null where there is none. */
  readonly faulty: string | null;
  /** The own run with other replacements. */
  readonly run: (replacements: ReadonlyMap<string, Float32NdArray>) => Promise<Recordings>;
}

/**
 * Whether a port ignores what it is given in the place of its probes: then it is not known whose an own error is. It
 * costs nothing where own errors are not those of the plain run and none fails; else a forward, and five more where a
 * layer fails: other values are put in the place of that layer and of the four before it, one at a time.
 */
export async function findIgnored(asked: OwnRun): Promise<Ignored> {
  const { wanted, replacements, plain, own, faulty, run } = asked;
  const names = wanted.map(({ name }) => name);
  const differs = names.some((name) => !isSame(plain.get(name), own.get(name)));
  if (faulty === null && differs) return [];
  const moves = async (disturbed: readonly string[]): Promise<boolean> => {
    const others = new Map(
      [...replacements].map(([name, value]) => [name, disturbed.includes(name) ? disturb(name, value) : value]),
    );
    const found = await run(others);
    return names.some((name) => !isSame(found.get(name), own.get(name)));
  };
  if (!(await moves([...replacements.keys()]))) return 'all';
  if (faulty === null) return [];
  const ignored: string[] = [];
  for (const name of suspects(asked)) if (!(await moves([name]))) ignored.push(name);
  return ignored;
}

/** For the report; null where none is ignored. */
export function describeIgnored(ignored: Ignored): string | null {
  if (ignored === 'all')
    return 'the port says that it replaces probes, and other values in their places change nothing: own errors are those of the plain run, and a layer that fails on its own may inherit';
  if (ignored.length === 0) return null;
  return `other values in the place of ${ignored.join(', ')} change nothing: if a layer reads it, the port ignores its replacement, and an error named after it may be its own`;
}

/** Of an alias of an earlier probe nothing is lost: that one's value is the same. Nothing reads the last. */
function suspects({ wanted, replacements, faulty }: OwnRun): string[] {
  const at = wanted.findIndex(({ name }) => name === faulty);
  const isAlias = ({ value, shape }: GoldenProbe, place: number) =>
    wanted.slice(0, place).some((other) => other.shape.join() === shape.join() && sameValues(other.value, value));
  return wanted
    .slice(0, Math.min(at + 1, wanted.length - 1))
    .filter((golden, place) => replacements.has(golden.name) && !isAlias(golden, place))
    .slice(-5)
    .map(({ name }) => name);
}

function sameValues(one: Float32Array, other: Float32Array): boolean {
  return one.length === other.length && one.every((value, at) => Object.is(value, other[at]));
}

/** The same to the last bit, as far as what is measured tells. */
function isSame(one: Recording | undefined, other: Recording | undefined): boolean {
  const figures = ({ nonFinite, error }: Recording) => [nonFinite, error?.relRms, error?.maxOverRms];
  if (one === undefined || other === undefined) return one === other;
  return figures(one).every((figure, at) => Object.is(figure, figures(other)[at]));
}
