import type { Float32NdArray } from '../harness/contract/nd-array.js';
import type { GraphProto, TensorProto } from './model-proto.js';
import { isHalf, readFloats, sameOrder } from './weight-values.js';

/** A convolution of a file into which its exporter folded a batch norm. */
export interface NormFold {
  /** Layers of the bundle. The convolution has no tensor of its own: what its node gives is the norm's. */
  readonly convolution: string;
  readonly norm: string;
  /** The convolution's weight in the file. */
  readonly tensor: TensorProto;
  /** Weights of the two layers, and whether the folded values are theirs. */
  readonly weights: ReadonlyMap<string, 'equal' | 'different'>;
}

type Weights = ReadonlyMap<string, Float32NdArray>;

/**
 * Finds folded norms: the file's weight is the bundle's times a number for each channel, which is a norm's
 * weight / sqrt(variance + 1e-5).
 * @param open weights that no tensor of the file is equal to
 * @param candidatesOf tensors that may be that weight
 */
export function findFolds(
  graph: GraphProto,
  tensors: ReadonlyMap<string, TensorProto>,
  weights: Weights,
  open: Weights,
  candidatesOf: (name: string) => readonly TensorProto[],
): NormFold[] {
  const norms = listNorms(open);
  const folds: NormFold[] = [];
  for (const [name, { shape, data }] of open) {
    if (shape.length < 3 || !name.endsWith('.weight') || norms.size === 0) continue;
    const convolution = name.slice(0, -'.weight'.length);
    const taken = new Set(folds.map((fold) => fold.tensor));
    for (const tensor of candidatesOf(name)) {
      const scales = taken.has(tensor) || !sameOrder(tensor, shape) ? null : findScales(tensor, data, shape[0]!);
      const norm = scales === null ? null : nearestNorm(scales, norms);
      if (scales === null || norm === null) continue;
      const rounds = isHalf(tensor);
      const scaled = scales.every((scale, at) => isClose(scale, norm.scales[at]!, Math.abs(norm.scales[at]!), rounds));
      const biased = isBiasOf(
        biasOf(graph, tensors, tensor),
        rounds,
        weights.get(`${convolution}.bias`)?.data ?? null,
        norm,
      );
      const state = (right: boolean) => (right ? ('equal' as const) : ('different' as const));
      const found = new Map<string, 'equal' | 'different'>(
        [name, norm.weight, norm.variance].map((one) => [one, state(scaled)] as const),
      );
      for (const one of [`${convolution}.bias`, norm.bias, norm.mean])
        if (weights.has(one)) found.set(one, state(scaled && biased));
      folds.push({ convolution, norm: norm.layer, tensor, weights: found });
      norms.delete(norm.layer);
      break;
    }
  }
  return folds;
}

interface Norm {
  readonly layer: string;
  /** Names of its weights. */
  readonly weight: string;
  readonly bias: string;
  readonly mean: string;
  readonly variance: string;
  readonly scales: Float64Array;
  readonly means: Float32Array;
  readonly shifts: Float32Array;
}

/** Paddle's and PyTorch's default, and that of every model here. */
const epsilon = 1e-5;

function listNorms(weights: Weights): Map<string, Norm> {
  const norms = new Map<string, Norm>();
  for (const name of weights.keys()) {
    const [, layer, ending] = /^(.*)\.(_variance|running_var)$/.exec(name) ?? [];
    if (layer === undefined) continue;
    const mean = `${layer}.${ending === '_variance' ? '_mean' : 'running_mean'}`;
    const names = { layer, weight: `${layer}.weight`, bias: `${layer}.bias`, mean, variance: name };
    const [gains, shifts, means] = [names.weight, names.bias, mean].map((one) => weights.get(one)?.data);
    if (gains === undefined || shifts === undefined || means === undefined) continue;
    const variances = weights.get(name)!.data;
    const scales = Float64Array.from(gains, (gain, at) => gain / Math.sqrt(variances[at]! + epsilon));
    norms.set(layer, { ...names, scales, means, shifts });
  }
  return norms;
}

/** The number for each output channel by which the file's weight is the bundle's; null where it is no such thing. */
function findScales(tensor: TensorProto, expected: Float32Array, channels: number): Float64Array | null {
  const actual = readFloats(tensor);
  if (actual === null || actual.length !== expected.length || channels === 0) return null;
  const size = expected.length / channels;
  const scales = new Float64Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    let [products, squares, own] = [0, 0, 0];
    for (let at = channel * size; at < (channel + 1) * size; at++) {
      products += actual[at]! * expected[at]!;
      squares += expected[at]! ** 2;
      own += actual[at]! ** 2;
    }
    const scale = products / squares;
    // The rest, by Pythagoras, loses digits: 1e-5 of the norm is 1e-10 of its square.
    if (!(own - scale * products <= tolerance * own)) return null;
    scales[channel] = scale;
  }
  return scales;
}

const tolerance = 1e-6;

/** The norm whose numbers these are, but for a tenth in rms. */
function nearestNorm(scales: Float64Array, norms: ReadonlyMap<string, Norm>): Norm | null {
  let [best, least]: [Norm | null, number] = [null, 0.1];
  for (const norm of norms.values()) {
    if (norm.scales.length !== scales.length) continue;
    let [errors, squares] = [0, 0];
    for (const [at, scale] of norm.scales.entries()) {
      errors += (scales[at]! - scale) ** 2;
      squares += scale * scale;
    }
    const distance = Math.sqrt(errors / squares);
    if (distance < least) [best, least] = [norm, distance];
  }
  return best;
}

/** Values of the third input of the node that reads this weight; null where it has none. */
function biasOf(
  { node = [] }: GraphProto,
  tensors: ReadonlyMap<string, TensorProto>,
  weight: TensorProto,
): Float32Array | null {
  const reader = node.find(({ input }) => input?.[1] !== undefined && tensors.get(input[1]) === weight);
  const bias = tensors.get(reader?.input?.[2] ?? '');
  return bias === undefined ? null : readFloats(bias);
}

/** Whether it is (own − mean) · scale + shift. */
function isBiasOf(
  actual: Float32Array | null,
  rounds: boolean,
  own: Float32Array | null,
  { scales, means, shifts }: Norm,
): boolean {
  return scales.every((scale, at) => {
    const [bias, mean, shift] = [own?.[at] ?? 0, means[at]!, shifts[at]!];
    const size = Math.abs(bias * scale) + Math.abs(mean * scale) + Math.abs(shift);
    return isClose(actual?.[at] ?? 0, (bias - mean) * scale + shift, size, rounds);
  });
}

/**
 * Exporters fold in float32: some ulps of the largest part. What is then rounded to float16 is off by half an ulp,
 * 2^-11 of the value, or by 2^-23, below which it is read as 0.
 */
function isClose(actual: number, expected: number, size: number, rounds: boolean): boolean {
  const rounding = rounds ? Math.max(2 ** -11 * Math.abs(expected), 2 ** -23) : 0;
  return Math.abs(actual - expected) <= 1e-5 * size + rounding;
}
