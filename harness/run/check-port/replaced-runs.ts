import { type Float32NdArray, float32NdArray } from '../../contract/nd-array.js';
import type { Bundle } from '../../golden/bundle.js';
import { uniform } from '../../golden/seeded.js';
import type { RecordedProbe } from '../../hosts/messages.js';
import type { PortHost } from '../../hosts/subprocess-host.js';

/** What a port gave in one forward, whole tensors, by name. */
export type Recorded = ReadonlyMap<string, RecordedProbe>;

/** One forward of a bundle's inputs. No golden is shown to the port. */
export async function forward(
  host: PortHost,
  { inputs, draws }: Bundle,
  names: readonly string[],
  replacements: ReadonlyMap<string, Float32NdArray> = new Map(),
): Promise<Recorded> {
  const found = new Map<string, RecordedProbe>();
  const probes = names.map((name) => ({ name, sample: null }));
  await host.infer({ inputs, draws, probes, replacements }, (recorded) => found.set(recorded.name, recorded));
  return found;
}

/** What came of other values in the place of one probe's. */
export interface ReplacedRun {
  readonly name: string;
  /** Whether a later probe changed; null where none comes after it. */
  readonly moved: boolean | null;
  /** What the port said its own output was: still that, what was put in its place, or something else. */
  readonly recorded: 'own' | 'replacement' | 'other' | 'missing';
}

/**
 * Puts other values in the place of one probe, of the port's own ones, and looks whether what comes after it moves.
 * @param plain of the plain run; its order is that of the bundle
 * @param spread how far two equal runs may be apart, over the rms
 */
export async function replaceOne(
  host: PortHost,
  bundle: Bundle,
  name: string,
  { plain, spread }: { readonly plain: Recorded; readonly spread: number },
): Promise<ReplacedRun> {
  const names = [...plain.keys()];
  const { shape, value } = plain.get(name)!;
  const later = names.slice(names.indexOf(name) + 1);
  const replacements = new Map([[name, disturb(name, float32NdArray(shape, value))]]);
  const isNear = bundle.outputs.filter((output) => later.includes(output));
  // Those that follow soon, and the outputs: all of them are asked for only where none of these moves.
  const near = [...new Set([...later.slice(0, nearest), ...isNear])];
  let found = await forward(host, bundle, [name, ...near], replacements);
  const hasMoved = () => later.some((other) => found.has(other) && apart(found.get(other), plain.get(other)) > spread);
  const own = found.get(name);
  if (!hasMoved() && near.length < later.length) found = await forward(host, bundle, [name, ...later], replacements);
  return {
    name,
    moved: later.length === 0 ? null : hasMoved(),
    recorded:
      own === undefined
        ? 'missing'
        : apart(own, plain.get(name)) <= spread
          ? 'own'
          : apart(own, { ...own, value: replacements.get(name)!.data }) <= Math.max(spread, 1e-6)
            ? 'replacement'
            : 'other',
  };
}

/** rms of the difference over the rms of `wanted`; infinite where shapes differ. NaN equals NaN. */
export function apart(found: RecordedProbe | undefined, wanted: RecordedProbe | undefined): number {
  if (found?.value.length !== wanted?.value.length || found === undefined || wanted === undefined)
    return Number.POSITIVE_INFINITY;
  let difference = 0;
  let whole = 0;
  for (const [at, value] of wanted.value.entries()) {
    if (!Object.is(found.value[at], value)) difference += (found.value[at]! - value) ** 2;
    whole += value ** 2;
  }
  if (difference === 0) return 0;
  return Math.sqrt(difference / whole);
}

const nearest = 4;

/** No multiple of the values and no shift of them, since a norm would take either away again. */
export function disturb(name: string, { shape, data }: Float32NdArray): Float32NdArray {
  const rms = Math.sqrt(data.reduce((sum, one) => sum + one ** 2, 0) / Math.max(1, data.length));
  const size = Number.isFinite(rms) && rms > 0 ? rms : 1;
  const drawn = uniform(1, name, data.length);
  return float32NdArray(
    shape,
    Float32Array.from(data, (one, at) => one + 2 * size * (drawn[at]! - 0.5)),
  );
}
