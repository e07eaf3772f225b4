import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import type { Tensor, TensorFlowJs } from './tensorflow-js.js';

/** A model's parameters as tensors, in the layouts of TensorFlow.js. Made once, kept until disposed. */
export interface Parameters {
  /** [kh, kw, in, out] of a convolution's [out, in, kh, kw]. */
  kernelHwio(name: string): Tensor;
  /** [kh, kw, channels, 1] of a depthwise convolution's [channels, 1, kh, kw]. */
  kernelDepthwise(name: string): Tensor;
  /** All elements in one axis. */
  vector(name: string): Tensor;
  /** As it was given. */
  plain(name: string): Tensor;
  /** Makes those that a forward is going to use, as far as shapes tell; it makes the rest itself. */
  prepare(): void;
  dispose(): void;
}

export function keepParameters(tf: TensorFlowJs, weights: ReadonlyMap<string, Float32NdArray>): Parameters {
  const made = new Map<string, Tensor>();
  const make = (name: string, layout: string, build: (array: Float32NdArray) => Tensor): Tensor => {
    const key = `${name} ${layout}`;
    const found = made.get(key);
    if (found !== undefined) return found;
    const array = weights.get(name);
    if (array === undefined) throw new Error(`the model reads ${name}, which is none of its parameters`);
    const tensor = tf.keep(tf.tidy(() => build(array)));
    made.set(key, tensor);
    return tensor;
  };
  const upload = ({ data, shape }: Float32NdArray) => tf.tensor(data, [...shape], 'float32');
  const parameters: Parameters = {
    kernelHwio: (name) => make(name, 'hwio', (array) => tf.transpose(upload(array), [2, 3, 1, 0])),
    kernelDepthwise: (name) => make(name, 'depthwise', (array) => tf.transpose(upload(array), [2, 3, 0, 1])),
    vector: (name) => make(name, 'vector', ({ data }) => tf.tensor1d(data, 'float32')),
    plain: (name) => make(name, 'plain', upload),
    prepare() {
      for (const [name, { shape }] of weights) {
        if (shape.length !== 4) parameters.vector(name);
        else if (shape[1] === 1) parameters.kernelDepthwise(name);
        else parameters.kernelHwio(name);
      }
    },
    dispose() {
      for (const tensor of made.values()) tensor.dispose();
      made.clear();
    },
  };
  return parameters;
}
