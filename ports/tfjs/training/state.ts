import { elementCount, type Float32NdArray, float32NdArray } from '../../../harness/contract/nd-array.js';
import type { Tensor, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { type ShapeOihw, toHwio, toOihw } from './kernel-layout.js';

/** Parameters and buffers of a model in training: made once, replaced step by step. */
export interface TrainingState {
  /** Names and shapes as they were given. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Convolutions are [kh, kw, i, o], what else is per channel is [c], a matrix is as it was given. */
  get(name: string): Tensor;
  /** Takes the tensor over and frees the one before. */
  set(name: string, tensor: Tensor): void;
  /** An array in Paddle's layout of a parameter, in this state's layout. */
  upload(array: Float32NdArray): Tensor;
  /** A tensor in the layout of the parameter `name`, or its elements, as Paddle has it. */
  download(name: string, tensor: Tensor): Float32NdArray;
  dispose(): void;
}

export function createState(tf: TensorFlowJs, weights: ReadonlyMap<string, Float32NdArray>): TrainingState {
  const tensors = new Map<string, Tensor>();
  const shapes = new Map([...weights].map(([name, { shape }]) => [name, shape]));
  for (const [name, array] of weights) tensors.set(name, tf.keep(tf.tidy(() => upload(tf, array))));
  return {
    shapes,
    get(name) {
      const found = tensors.get(name);
      if (found === undefined) throw new Error(`the model reads ${name}, which is none of its parameters`);
      return found;
    },
    set(name, tensor) {
      tensors.get(name)?.dispose();
      tensors.set(name, tf.keep(tensor));
    },
    upload: (array) => upload(tf, array),
    download(name, tensor) {
      const shape = shapes.get(name);
      if (shape === undefined) throw new Error(`${name} is none of the model's parameters`);
      const stored = tensor.dataSync<'float32'>();
      const data = isKernel(shape) ? toOihw(stored, shape) : stored;
      if (data.length !== elementCount(shape)) throw new Error(`${name} has ${data.length} elements`);
      return float32NdArray(shape, data);
    },
    dispose() {
      for (const tensor of tensors.values()) tensor.dispose();
      tensors.clear();
    },
  };
}

function upload(tf: TensorFlowJs, { data, shape }: Float32NdArray): Tensor {
  if (isKernel(shape)) {
    const [o, i, kh, kw] = shape;
    return tf.tensor4d(toHwio(data, shape), [kh, kw, i, o], 'float32');
  }
  return tf.tensor(data, isPerChannel(shape) ? [data.length] : [...shape], 'float32');
}

function isKernel(shape: readonly number[]): shape is ShapeOihw {
  return shape.length === 4;
}

/** [c], or [c, 1, 1] of a layer scale. */
function isPerChannel(shape: readonly number[]): boolean {
  return shape.slice(1).every((extent) => extent === 1);
}
