import { reachOf } from '../../../models/conv-options.js';
import type { Value } from '../../../onnx/graph.js';

export interface ConvInputs {
  readonly x: Value; // [b, i, h, w]
  readonly weight: Value; // [o, i / groups, kh, kw]
  readonly bias: Value | null; // [o]
}

/** Sizes of a convolution, all of them known. */
export interface Geometry {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Top, left, bottom, right, as ONNX has it. */
  readonly pads: readonly [number, number, number, number];
  readonly groups: number;
  readonly input: readonly [number, number, number, number];
  readonly output: readonly [number, number, number, number];
}

/** With these the turned kernel gives a map of the input's size. */
export function oppositePads({ kernel, dilation, pads }: Geometry): Geometry['pads'] {
  const [top, left, bottom, right] = pads;
  const [height, width] = reachOf(kernel, { dilation });
  return [height - 1 - top, width - 1 - left, height - 1 - bottom, width - 1 - right];
}
