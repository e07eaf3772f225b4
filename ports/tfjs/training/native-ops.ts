import type { Tensor, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';

/** The kernels of TensorFlow that TensorFlow.js has no function for. */
export interface NativeOps {
  run(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[], outputs: number): Tensor[];
}

export interface Attribute {
  readonly name: string;
  readonly kind: 'float type' | 'float' | 'text' | 'flag';
  readonly value?: number | string | boolean;
}

export function nativeOps(tf: TensorFlowJs): NativeOps {
  const backend = tf.backend() as unknown as NativeBackend;
  const { binding } = backend;
  const kinds = {
    'float type': binding.TF_ATTR_TYPE,
    float: binding.TF_ATTR_FLOAT,
    text: binding.TF_ATTR_STRING,
    flag: binding.TF_ATTR_BOOL,
  };
  return {
    run: (name, attributes, inputs, outputs) =>
      backend.executeMultipleOutputs(
        name,
        attributes.map(({ name, kind, value }) => ({ name, type: kinds[kind], value: value ?? binding.TF_FLOAT })),
        [...inputs],
        outputs,
      ),
  };
}

/** Of the backend `tensorflow` of @tensorflow/tfjs-node: what its own kernels are written with. */
interface NativeBackend {
  readonly binding: {
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_FLOAT: number;
    readonly TF_ATTR_STRING: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_FLOAT: number;
  };
  executeMultipleOutputs(
    name: string,
    attributes: { name: string; type: number; value: number | string | boolean }[],
    inputs: Tensor[],
    outputs: number,
  ): Tensor[];
}
