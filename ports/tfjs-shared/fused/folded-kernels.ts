import type { Float32NdArray } from '../../../harness/contract/nd-array.js';
import { splitKernel } from '../conv-in-parts.js';
import type { Tensor, Tensor1D, Tensor4D, TensorFlowJs } from '../tensorflow-js.js';
import type { Vector } from './vector.js';

/** Kernels and biases with what precedes and follows a convolution worked into them. Kept until disposed. */
export interface FoldedKernels {
  /** Height and width of a convolution's kernel. */
  extent(name: string): readonly [height: number, width: number];
  /**
   * kernel · inScale per input channel · outScale per output channel, as convolveInParts takes it: [kh, kw, in / parts,
   * out] of each part, or the one [kh, kw, channels, 1].
   */
  parts(name: string, depthwise: boolean, inScale: Vector | null, outScale: Vector | null): readonly Tensor4D[];
  /** outScale · (kernel · inShift) of a 1×1 convolution, as numbers. */
  shiftThrough(name: string, inShift: Vector, outScale: Vector | null, define: DefineVector): Vector;
  tensor(vector: Vector): Tensor1D;
  dispose(): void;
}

type DefineVector = (key: string, length: number, at: (channel: number) => number) => Vector;

export function foldKernels(tf: TensorFlowJs, weights: ReadonlyMap<string, Float32NdArray>): FoldedKernels {
  const made = new Map<string, readonly Tensor[]>();
  const keep = <X extends Tensor>(key: string, build: () => readonly X[]): readonly X[] => {
    const found = made.get(key);
    if (found !== undefined) return found as readonly X[];
    const tensors = tf.tidy(() => build().map((tensor) => tf.keep(tensor)));
    made.set(key, tensors);
    return tensors;
  };
  const weightOf = (name: string): Float32NdArray => {
    const array = weights.get(`${name}.weight`);
    if (array === undefined) throw new Error(`the model reads ${name}.weight, which is none of its parameters`);
    return array;
  };
  return {
    extent(name) {
      const [, , height = 0, width = 0] = weightOf(name).shape;
      return [height, width];
    },
    parts(name, depthwise, inScale, outScale) {
      return keep(`${name} ${inScale?.key} ${outScale?.key}`, () => {
        const { data, shape } = weightOf(name);
        const scaled = scaleOihw(data, shape, depthwise, inScale?.values() ?? null, outScale?.values() ?? null);
        const oihw = tf.tensor4d(scaled, shape as [number, number, number, number], 'float32');
        if (depthwise) return [tf.transpose(oihw, [2, 3, 0, 1])];
        return splitKernel(tf, tf.transpose(oihw, [2, 3, 1, 0]));
      });
    },
    shiftThrough(name, inShift, outScale, define) {
      const { data, shape } = weightOf(name);
      const [out = 0, inner = 0] = shape;
      return define(`${name}@${inShift.key}*${outScale?.key}`, out, (channel) => {
        const shift = inShift.values();
        let sum = 0;
        for (let i = 0; i < inner; i++) sum += data[channel * inner + i]! * shift[i]!;
        return sum * (outScale?.values()[channel] ?? 1);
      });
    },
    tensor: (vector) => keep(vector.key, () => [tf.tensor1d(Float32Array.from(vector.values()), 'float32')])[0]!,
    dispose() {
      for (const tensors of made.values()) tf.dispose([...tensors]);
      made.clear();
    },
  };
}

/** A depthwise kernel has one input channel per output channel, so both scales go by the first axis. */
function scaleOihw(
  data: Float32Array,
  shape: readonly number[],
  depthwise: boolean,
  inScale: Float64Array | null,
  outScale: Float64Array | null,
): Float32Array {
  const [out = 0, inner = 0, kh = 0, kw = 0] = shape;
  const area = kh * kw;
  const scaled = new Float32Array(data.length);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < inner; i++) {
      const factor = (outScale?.[o] ?? 1) * (inScale?.[depthwise ? o : i] ?? 1);
      for (let at = (o * inner + i) * area, end = at + area; at < end; at++) scaled[at] = data[at]! * factor;
    }
  }
  return scaled;
}
