import { type Float32NdArray, float32NdArray, sameShape } from '../../harness/contract/nd-array.js';
import type { InferRequest, ProbeSink } from '../../harness/contract/port.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { countCalls } from '../../models/probe-calls.js';
import { downloadNchw, uploadNchw } from './layout.js';
import type { Tensor, Tensor4D, TensorFlowJs } from './tensorflow-js.js';

/** Records the feature maps and vectors that a request asks for, and puts its replacements in their places. */
export interface ProbeRecorder {
  /**
   * The names under which this call of a probe leaves the forward, or comes from outside. To be asked once at each
   * call. Throws an EnvironmentError at a second call of a probe that is asked for by its name alone.
   */
  namesOf(name: string): readonly string[];
  /** Shapes: a feature map [b, h, w, c], of which the sink gets [b, c, h, w], or a vector [b, c] → the same. */
  record<X extends Tensor>(names: readonly string[], x: X): X;
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
  let latest: { readonly id: number; readonly data: Float32Array } | null = null;
  const fetch = (x: Tensor): Float32Array => {
    if (latest?.id !== x.id) latest = { id: x.id, data: download(tf, x) };
    return latest.data;
  };
  const countCall = countCalls((name) => wanted.has(name) || replacements.has(name));
  return {
    namesOf: (name) => countCall(name).names,
    wants: (names) => names.length > 0 && names.every((name) => wanted.has(name) && !replacements.has(name)),
    recordNchw(names, value) {
      for (const name of names) onProbe(name, value);
    },
    record(names, x) {
      const shape = shapeOutside(x);
      for (const name of names) if (wanted.has(name)) onProbe(name, float32NdArray(shape, fetch(x)));
      const name = names.find((one) => replacements.has(one));
      if (name === undefined) return x;
      const replacement = replacements.get(name)!;
      if (!sameShape(replacement.shape, shape)) {
        throw new EnvironmentError(
          `Cannot replace ${name}: its replacement is [${replacement.shape.join(', ')}]; [${shape.join(', ')}] is wanted`,
        );
      }
      const replaced = upload(tf, replacement) as typeof x;
      latest = { id: replaced.id, data: replacement.data };
      return replaced;
    },
  };
}

function shapeOutside({ shape }: Tensor): readonly number[] {
  if (shape.length === 2) return shape;
  if (shape.length !== 4) throw new Error(`a feature map or a vector is wanted, not [${shape.join(', ')}]`);
  const [b, h, w, c] = shape as [number, number, number, number];
  return [b, c, h, w];
}

function download(tf: TensorFlowJs, x: Tensor): Float32Array {
  return x.rank === 4 ? downloadNchw(tf, x as Tensor4D) : x.dataSync<'float32'>();
}

function upload(tf: TensorFlowJs, { data, shape }: Float32NdArray): Tensor {
  const [b, c, h, w] = shape as [number, number, number, number];
  return shape.length === 4 ? uploadNchw(tf, data, [b, c, h, w]) : tf.tensor2d(data, [b, c], 'float32');
}
