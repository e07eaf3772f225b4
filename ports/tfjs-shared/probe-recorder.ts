import type { InferRequest, ProbeSink } from '../../harness/hosts/port-contract.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { type Float32NdArray, float32NdArray, sameShape } from '../../harness/support/nd-array.js';
import type { Tensor, Tensor4D, TensorFlowJs } from './tensorflow-js.js';

/** Records feature maps that a request asks for, and swaps in what it replaces. */
export interface ProbeRecorder {
  /** Whether the value of a probe leaves the forward, or comes from outside. */
  concerns(name: string): boolean;
  /** Shapes: a feature map [b, h, w, c] → the same. The sink gets [b, c, h, w]. */
  record(name: string, x: Tensor4D): Tensor4D;
  /** Whether a probe leaves the forward and nothing replaces it. */
  wants(name: string): boolean;
  /** The same for a map that is [b, c, h, w] already. */
  recordNchw(name: string, value: Float32NdArray): void;
}

export function recordProbes(
  tf: TensorFlowJs,
  { probes, replacements }: Pick<InferRequest, 'probes' | 'replacements'>,
  onProbe: ProbeSink,
): ProbeRecorder {
  const wanted = new Set(probes);
  return {
    wants: (name) => wanted.has(name) && !replacements.has(name),
    recordNchw: onProbe,
    concerns: (name) => wanted.has(name) || replacements.has(name),
    record(name, x) {
      const [b, h, w, c] = x.shape;
      if (wanted.has(name)) onProbe(name, float32NdArray([b, c, h, w], downloadNchw(tf, x)));
      const replacement = replacements.get(name);
      if (replacement === undefined) return x;
      if (!sameShape(replacement.shape, [b, c, h, w])) {
        throw new EnvironmentError(
          `Cannot replace ${name}: its replacement is [${replacement.shape.join(', ')}]; [${[b, c, h, w].join(', ')}] is wanted`,
        );
      }
      return uploadNchw(tf, replacement.data, [b, c, h, w]);
    },
  };
}

/** Shapes: [b, c, h, w] → [b, h, w, c]. */
export function uploadNchw(
  tf: TensorFlowJs,
  data: Float32Array,
  shapeNchw: [number, number, number, number],
): Tensor4D {
  return tf.tidy(() => tf.transpose(tf.tensor4d(data, shapeNchw, 'float32'), [0, 2, 3, 1]));
}

function downloadNchw(tf: TensorFlowJs, x: Tensor): Float32Array {
  const nchw = tf.transpose(x, [0, 3, 1, 2]);
  try {
    return nchw.dataSync<'float32'>();
  } finally {
    nchw.dispose();
  }
}
