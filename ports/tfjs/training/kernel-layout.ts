/** [out, in, kh, kw], as Paddle has a convolution's kernel. */
export type ShapeOihw = readonly [number, number, number, number];

/**
 * Turns a kernel here: TensorFlow's transpose of [1, 1, 512, 2048] to [2048, 512, 1, 1] takes tens of times as long.
 * [out, in, kh, kw] → [kh, kw, in, out].
 */
export function toHwio(data: Float32Array, [outputs, inputs, kh, kw]: ShapeOihw): Float32Array {
  const turned = new Float32Array(data.length);
  const area = kh * kw;
  for (let output = 0, from = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let place = 0; place < area; place++, from++) {
        turned[(place * inputs + input) * outputs + output] = data[from]!;
      }
    }
  }
  return turned;
}

/** The way back; the shape is the same, [out, in, kh, kw]. */
export function toOihw(data: Float32Array, [outputs, inputs, kh, kw]: ShapeOihw): Float32Array {
  const turned = new Float32Array(data.length);
  const area = kh * kw;
  for (let output = 0, to = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let place = 0; place < area; place++, to++) {
        turned[to] = data[(place * inputs + input) * outputs + output]!;
      }
    }
  }
  return turned;
}
