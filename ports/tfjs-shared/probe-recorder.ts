import { type Float32NdArray, float32NdArray, sameShape } from '../../harness/contract/nd-array.js';
import type { InferRequest, ProbeSink } from '../../harness/contract/port.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { downloadNchw, uploadNchw } from './layout.js';
import type { Tensor4D, TensorFlowJs } from './tensorflow-js.js';

/** Records the feature maps that a request asks for, and puts its replacements in their places. */
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
  /** A sublayer that wraps another has the same output, which is not fetched again. */
  let latest: { readonly id: number; readonly nchw: Float32Array } | null = null;
  const fetch = (x: Tensor4D): Float32Array => {
    if (latest?.id !== x.id) latest = { id: x.id, nchw: downloadNchw(tf, x) };
    return latest.nchw;
  };
  return {
    wants: (name) => wanted.has(name) && !replacements.has(name),
    recordNchw: onProbe,
    concerns: (name) => wanted.has(name) || replacements.has(name),
    record(name, x) {
      const [b, h, w, c] = x.shape;
      if (wanted.has(name)) onProbe(name, float32NdArray([b, c, h, w], fetch(x)));
      const replacement = replacements.get(name);
      if (replacement === undefined) return x;
      if (!sameShape(replacement.shape, [b, c, h, w])) {
        throw new EnvironmentError(
          `Cannot replace ${name}: its replacement is [${replacement.shape.join(', ')}]; [${[b, c, h, w].join(', ')}] is wanted`,
        );
      }
      const replaced = uploadNchw(tf, replacement.data, [b, c, h, w]);
      latest = { id: replaced.id, nchw: replacement.data };
      return replaced;
    },
  };
}
