import type { Pair } from '../../../models/operators.js';
import type { Tensor, Tensor4D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';

/**
 * The gradient of a depthwise convolution of odd size and stride 1, which keeps height and width, by its kernel.
 * Shapes: x, dy [b, h, w, c] → [kh, kw, c, 1].
 *
 * TensorFlow's kernel for it is fast where the convolution's is narrow: on 2×64×64×256 it takes 375 ms for 1×21 and 15
 * ms for 21×1. So rows are laid down as columns. What is wide and tall, or dilated, is a convolution of x itself, whose
 * kernel is dy: on 2×64×64×32 it takes 3 ms for 5×5, and 8 column by column. It adds as many terms one after the other.
 */
export function depthwiseKernelGradient(
  tf: TensorFlowJs,
  x: Tensor4D,
  dy: Tensor4D,
  [kh, kw]: Pair,
  dilation: Pair,
): Tensor {
  if (dilation.some((step) => step !== 1)) return convolveByGradient(tf, x, dy, [kh, kw], dilation);
  return tf.tidy(() => {
    if (kh === 1 && kw > 1) {
      const turned = depthwiseKernelGradient(tf, turn(tf, x), turn(tf, dy), [kw, kh], dilation); // [kw, 1, c, 1]
      return tf.transpose(turned, [1, 0, 2, 3]);
    }
    return kw <= narrow ? kernelGradient(tf, x, dy, [kh, kw]) : convolveByGradient(tf, x, dy, [kh, kw], dilation);
  });
}

/** Up to this width TensorFlow's kernel is faster. */
const narrow = 3;

/** Height and width change places. */
function turn(tf: TensorFlowJs, x: Tensor4D): Tensor4D {
  return tf.transpose(x, [0, 2, 1, 3]);
}

/** Each image with its dy as the kernel, at a stride of the dilation. */
function convolveByGradient(tf: TensorFlowJs, x: Tensor4D, dy: Tensor4D, [kh, kw]: Pair, [down, across]: Pair): Tensor {
  const [b, h, w, c] = x.shape;
  const [above, before] = [((kh - 1) / 2) * down, ((kw - 1) / 2) * across];
  return tf.tidy(() => {
    const padded = tf.pad(x, [
      [0, 0],
      [above, above],
      [before, before],
      [0, 0],
    ]);
    // On the processor both strides are equal. Where dilations are not, positions between are computed and left out.
    const stride = down === across ? down : 1;
    const ofImages = Array.from({ length: b }, (_, image) => {
      const source = tf.slice(padded, [image, 0, 0, 0], [1, h + 2 * above, w + 2 * before, c]);
      const kernel = tf.reshape(tf.slice(dy, [image, 0, 0, 0], [1, h, w, c]), [h, w, c, 1]) as Tensor4D;
      return tf.depthwiseConv2d(source, kernel, stride, 'valid');
    });
    const sum = ofImages.length === 1 ? ofImages[0]! : tf.addN(ofImages); // [1, kh, kw, c]
    const steps = [1, down / stride, across / stride, 1];
    return tf.reshape(tf.stridedSlice(sum, [0, 0, 0, 0], sum.shape, steps), [kh, kw, c, 1]);
  });
}

function kernelGradient(tf: TensorFlowJs, x: Tensor4D, dy: Tensor4D, [kh, kw]: Pair): Tensor {
  const inputs = { x, dy };
  const attributes = { strides: 1, dilations: 1, pad: 'same', filterShape: [kh, kw, x.shape[3], 1] };
  return tf.engine().runKernel('DepthwiseConv2dNativeBackpropFilter', inputs, attributes) as Tensor;
}
