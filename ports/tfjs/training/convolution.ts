import { paddingSides, reachOf } from '../../../models/conv-options.js';
import type { ConvOptions } from '../../../models/operators.js';
import { convolveDilated } from '../../tfjs-shared/dilation.js';
import type { Tensor, Tensor4D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { depthwiseKernelGradient } from './depthwise-kernel-gradient.js';
import { differentiate, sumPerChannel } from './gradient.js';

/** With gradients. Shapes: x [b, h, w, i], kernel [kh, kw, i / groups, o] → [b, h', w', o]. */
export function convolve(tf: TensorFlowJs, x: Tensor4D, kernel: Tensor4D, name: string, options: ConvOptions): Tensor {
  const channels = x.shape[3];
  if (options.groups === 1)
    return convolveDilated(tf, x, name, options, (map, undilated) =>
      isPointwise(kernel, undilated) ? pointwise(tf, map, kernel) : plain(tf, map, kernel, undilated),
    );
  if (options.groups === channels && kernel.shape[3] === channels) return depthwise(tf, x, kernel, name, options);
  throw new Error(`${name} has ${options.groups} groups of ${channels} channels; 1 or ${channels} are implemented`);
}

/** Shapes: [b, h, w, c], [c] → [b, h, w, c]. */
export function addBias(tf: TensorFlowJs, x: Tensor, bias: Tensor): Tensor {
  return differentiate(tf, [x, bias], {
    value: ([map, vector]) => tf.add(map!, vector!),
    gradients: (dy) => [dy, sumPerChannel(tf, dy)],
  });
}

function isPointwise({ shape: [kh, kw] }: Tensor4D, { stride, padding }: ConvOptions): boolean {
  return [kh, kw, ...stride].every((extent) => extent === 1) && padding.every((side) => side === 0);
}

/** As a product of matrices: TensorFlow's gradient of a 1×1 convolution by its kernel takes tens of times as long. */
function pointwise(tf: TensorFlowJs, x: Tensor4D, kernel: Tensor4D): Tensor4D {
  const [b, h, w, i] = x.shape;
  const o = kernel.shape[3];
  return tf.reshape(tf.matMul(tf.reshape(x, [b * h * w, i]), tf.reshape(kernel, [i, o])), [b, h, w, o]);
}

/** Padded beforehand: TensorFlow's own gradients know only the paddings SAME and VALID. */
function plain(tf: TensorFlowJs, x: Tensor4D, kernel: Tensor4D, options: ConvOptions): Tensor4D {
  const { top, left, bottom, right } = paddingSides(options);
  const padded = tf.pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
  return tf.conv2d(padded, kernel, [...options.stride], 'valid');
}

function depthwise(tf: TensorFlowJs, x: Tensor4D, kernel: Tensor4D, name: string, options: ConvOptions): Tensor {
  const [kh, kw, , channels] = kernel.shape;
  const { top, left, bottom, right } = paddingSides(options);
  const [height, width] = reachOf([kh, kw], options);
  const same = top * 2 + 1 === height && left * 2 + 1 === width && top === bottom && left === right;
  if (!same || options.stride.some((step) => step !== 1)) {
    throw new Error(`${name} is depthwise and changes height or width; training keeps them`);
  }
  const convolveBy = (map: Tensor, weight: Tensor) =>
    convolveDilated(tf, map as Tensor4D, name, options, (part) =>
      tf.depthwiseConv2d(part, tf.reshape(weight, [kh, kw, channels, 1]) as Tensor4D, 1, 'same'),
    );
  const { dilation = [1, 1] } = options;
  return differentiate(tf, [x, kernel], {
    value: ([map, weight], save) => {
      save([map!, weight!]);
      return convolveBy(map!, weight!);
    },
    gradients: (dy, [map, weight]) => [
      // A convolution with the kernel turned by half a turn.
      convolveBy(dy, tf.reverse(weight as Tensor4D, [0, 1])),
      tf.reshape(depthwiseKernelGradient(tf, map as Tensor4D, dy as Tensor4D, [kh, kw], dilation), [
        kh,
        kw,
        1,
        channels,
      ]),
    ],
  });
}
