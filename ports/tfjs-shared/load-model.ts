import type { InferRequest, LoadedModel, ModelSection } from '../../harness/hosts/port-contract.js';
import type { Float32NdArray, NdArray } from '../../harness/support/nd-array.js';
import { type BugSwitch, withBug } from '../../models/bug-switches.js';
import { findModel } from '../../models/registry.js';
import { validateDraws, validateWeights } from '../../models/validate-weights.js';
import { eagerOperators } from './eager-operators.js';
import { foldKernels } from './fused/folded-kernels.js';
import { fusedOperators } from './fused/fused-operators.js';
import { storeVectors } from './fused/vector.js';
import { keepParameters } from './parameters.js';
import { recordProbes, uploadNchw } from './probe-recorder.js';
import type { Tensor, Tensor4D, TensorFlowJs } from './tensorflow-js.js';

export interface LoadOptions {
  /** See EvaluatorContext in fused/evaluate.ts. */
  readonly bytesAtATime: number | null;
  readonly bug: BugSwitch | null;
}

/** A model on TensorFlow.js, whichever backend is active. Throws as `Port.load` does. */
export async function loadModel(
  tf: TensorFlowJs,
  section: ModelSection,
  weights: ReadonlyMap<string, Float32NdArray>,
  { bytesAtATime, bug }: LoadOptions,
): Promise<LoadedModel> {
  const definition = await findModel(section);
  const config = definition.parse(bug?.model?.(section) ?? section);
  validateWeights(weights, definition.parameters(config));
  const parameters = keepParameters(tf, weights);
  const kernels = foldKernels(tf, weights);
  const vectors = storeVectors();
  return {
    async infer(request, onProbe) {
      validateDraws(request.draws, definition.draws(config, request.image.shape));
      tf.tidy(() => {
        const image = upload(tf, request.image);
        const draws = new Map([...request.draws].map(([name, drawn]) => [name, uploadDraw(tf, drawn)]));
        const recorder = recordProbes(tf, request, onProbe);
        if (isShipped(request)) {
          const fused = fusedOperators({ tf, weights, kernels, vectors, recorder, draws, bytesAtATime });
          fused.finish(definition.forward(withBug(fused, bug), config, fused.input(image)));
        } else {
          definition.forward(withBug(eagerOperators({ tf, parameters, recorder, draws }), bug), config, image);
        }
      });
    },
    async dispose() {
      parameters.dispose();
      kernels.dispose();
    },
  };
}

/** Whether what runs is what users run: layers inside are neither looked at nor replaced. */
function isShipped({ probes, replacements }: InferRequest): boolean {
  return replacements.size === 0 && probes.every((name) => name === 'logits');
}

function upload(tf: TensorFlowJs, { data, shape }: Float32NdArray): Tensor4D {
  const [b = 0, c = 0, h = 0, w = 0] = shape;
  return uploadNchw(tf, data, [b, c, h, w]);
}

function uploadDraw(tf: TensorFlowJs, { data, shape }: NdArray): Tensor {
  return tf.tensor(Float32Array.from(data as ArrayLike<number | bigint>, Number), [...shape], 'float32');
}
