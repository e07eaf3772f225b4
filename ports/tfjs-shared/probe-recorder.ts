import { type Float32NdArray, float32NdArray, sameShape } from '../../harness/contract/nd-array.js';
import type { InferRequest, ProbeSink } from '../../harness/contract/port.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { countCalls } from '../../models/probe-calls.js';
import { downloadNchw, uploadNchw } from './layout.js';
import type { Tensor4D, TensorFlowJs } from './tensorflow-js.js';

/** Records the feature maps that a request asks for, and puts its replacements in their places. */
export interface ProbeRecorder {
  /**
   * The names under which this call of a probe leaves the forward, or comes from outside. To be asked once at each
   * call. Throws an EnvironmentError at a second call of a probe that is asked for by its name alone.
   */
  namesOf(name: string): readonly string[];
  /** Shapes: a feature map [b, h, w, c] → the same. The sink gets [b, c, h, w]. */
  record(names: readonly string[], x: Tensor4D): Tensor4D;
  /** Whether a call leaves the forward and nothing replaces it. */
  wants(names: readonly string[]): boolean;
  /** The same for a map that is [b, c, h, w] already. */
  recordNchw(names: readonly string[], value: Float32NdArray): void;
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
  const countCall = countCalls((name) => wanted.has(name) || replacements.has(name));
  return {
    namesOf: (name) => countCall(name).names,
    wants: (names) => names.length > 0 && names.every((name) => wanted.has(name) && !replacements.has(name)),
    recordNchw(names, value) {
      for (const name of names) onProbe(name, value);
    },
    record(names, x) {
      const [b, h, w, c] = x.shape;
      for (const name of names) if (wanted.has(name)) onProbe(name, float32NdArray([b, c, h, w], fetch(x)));
      const name = names.find((one) => replacements.has(one));
      if (name === undefined) return x;
      const replacement = replacements.get(name)!;
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
