import type { Node, Value } from '../../../onnx/graph.js';
import type { Builder } from '../graph/builder.js';
import { floats } from '../graph/rewrite.js';

/** x · scale + shift per channel, in float64: what is folded is rounded once. */
export interface ChannelAffine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** What a batch norm with its running statistics does, or null if its statistics are not constants. */
export function affineOfBatchNorm(node: Node): ChannelAffine | null {
  const [weight, bias, mean, variance] = node.inputs.slice(1).map(floats);
  if (weight == null || bias == null || mean == null || variance == null) return null;
  const epsilon = node.attributes.epsilon;
  if (typeof epsilon !== 'object' || !('float' in epsilon)) return null;
  const scale = Float64Array.from(weight, (w, c) => w / Math.sqrt(variance[c]! + epsilon.float));
  return { scale, shift: Float64Array.from(bias, (b, c) => b - mean[c]! * scale[c]!) };
}

/** A vector per channel, shaped [c, 1, 1], or null. */
export function perChannel(value: Value | null | undefined): Float32Array | null {
  const data = floats(value);
  return data !== null && value?.shape.length === 3 && value.shape[1] === 1 && value.shape[2] === 1 ? data : null;
}

/** The convolution's output becomes output · scale + shift. */
export function affineAfterConv(builder: Builder, conv: Node, { scale, shift }: ChannelAffine): void {
  const weight = conv.inputs[1]!;
  const perOutput = weight.constant!.length / scale.length;
  const scaled = floats(weight)!.slice();
  for (let o = 0, at = 0; o < scale.length; o++) {
    for (const end = at + perOutput; at < end; at++) scaled[at]! *= scale[o]!;
  }
  const bias = floats(conv.inputs[2]);
  const moved = Float32Array.from(shift, (s, c) => (bias?.[c] ?? 0) * scale[c]! + s);
  setParameters(builder, conv, scaled, moved);
}

/** The convolution, which must not pad, reads input · scale + shift where it read the input. */
export function affineBeforeConv(builder: Builder, conv: Node, { scale, shift }: ChannelAffine): void {
  const weight = conv.inputs[1]!;
  const data = floats(weight)!;
  const [out, perGroup, kh, kw] = weight.shape as [number, number, number, number];
  const positions = kh * kw;
  const outPerGroup = out / (conv.attributes.group as number);
  const scaled = new Float32Array(data.length);
  const bias = floats(conv.inputs[2]);
  const moved = new Float32Array(out);
  for (let o = 0; o < out; o++) {
    let sum = bias?.[o] ?? 0;
    const first = Math.floor(o / outPerGroup) * perGroup;
    for (let i = 0, at = o * perGroup * positions; i < perGroup; i++) {
      const [factor, offset] = [scale[first + i]!, shift[first + i]!];
      for (const end = at + positions; at < end; at++) {
        scaled[at] = data[at]! * factor;
        sum += data[at]! * offset;
      }
    }
    moved[o] = sum;
  }
  setParameters(builder, conv, scaled, moved);
}

function setParameters(builder: Builder, conv: Node, weight: Float32Array, bias: Float32Array): void {
  const [x = null, old] = conv.inputs;
  const name = old!.name.replace(/(\.folded)?$/, '.folded');
  conv.inputs = [
    x,
    builder.constant(name, old!.shape as readonly number[], weight),
    builder.constant(name.replace(/weight\.folded$/, 'bias.folded'), [bias.length], bias),
  ];
}

/** Whether a convolution reads nothing but its input: a shift before it can then move into its bias. */
export function padsNothing({ attributes: { pads } }: Pick<Node, 'attributes'>): boolean {
  return Array.isArray(pads) && pads.every((pad) => pad === 0);
}
