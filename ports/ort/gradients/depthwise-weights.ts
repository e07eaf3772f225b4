import type { Value } from '../../../onnx/graph.js';
import type { Geometry } from './convolution-geometry.js';
import type { Emitter } from './emitter.js';

/**
 * Of a depthwise convolution at stride 1: dW[c, s, t] = Σ X[b, c, y + s · dilation − top, x + t · dilation − left]
 * dY[b, c, y, x], as [c, kh · kw].
 */
export function depthwiseWeightGradient(emitter: Emitter, gradient: Value, x: Value, geometry: Geometry): Value {
  const [kh, kw] = geometry.kernel;
  const { dilation, pads, input, output } = geometry;
  if (dilation.some((step) => step !== 1)) return correlate(emitter, gradient, x, geometry);
  if (kh === 1 && pads[0] === 0 && pads[2] === 0) {
    const gram = emitter.matMul(emitter.swapLast(x), gradient); // [b, c, w, w of the output]
    return sumDiagonals(emitter, gram, { from: input[3], to: output[3], before: pads[1], count: kw });
  }
  if (kw === 1 && pads[1] === 0 && pads[3] === 0) {
    const gram = emitter.matMul(x, emitter.swapLast(gradient)); // [b, c, h, h of the output]
    return sumDiagonals(emitter, gram, { from: input[2], to: output[2], before: pads[0], count: kh });
  }
  return correlate(emitter, gradient, x, geometry);
}

interface Diagonals {
  readonly from: number;
  readonly to: number;
  readonly before: number;
  readonly count: number;
}

/**
 * A strip's gradient lies on the diagonals of the Gram matrix: tap t is Σ_j gram[j + t − before, j]. The sums are a
 * product with a constant matrix. (0.8 ms where a grouped convolution takes 2.4 along rows and 14 along columns.)
 */
function sumDiagonals(emitter: Emitter, gram: Value, { from, to, before, count }: Diagonals): Value {
  const choice = emitter.table(`diagonals/${from}by${to}/${before}/${count}`, [from * to, count], () => {
    const table = new Float32Array(from * to * count);
    for (let j = 0; j < to; j++) {
      for (let tap = 0; tap < count; tap++) {
        const i = j + tap - before;
        if (i >= 0 && i < from) table[(i * to + j) * count + tap] = 1;
      }
    }
    return table;
  });
  const channels = gram.shape[1]!;
  const summed = emitter.reshape(emitter.sum(gram, [0]), [channels, from * to]);
  return emitter.matMul(summed, choice); // [c, taps]
}

/** X convolved by dY as its kernel, each channel of each sample a group: neighbours of dW are `dilation` apart in X. */
function correlate(emitter: Emitter, gradient: Value, x: Value, geometry: Geometry): Value {
  const { kernel, dilation, pads, input, output } = geometry;
  const [b, c] = input;
  const [kh, kw] = kernel;
  const product = emitter.builder.add(
    'Conv',
    [emitter.reshape(x, [1, b * c, input[2], input[3]]), emitter.reshape(gradient, [b * c, 1, output[2], output[3]])],
    [1, b * c, kh, kw],
    { kernel_shape: output.slice(2), strides: [...dilation], pads: [...pads], group: b * c },
  );
  return emitter.reshape(emitter.sum(emitter.reshape(product, [b, c, kh * kw]), [0]), [c, kh * kw]);
}
