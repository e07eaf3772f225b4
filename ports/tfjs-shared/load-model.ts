import { elementCount, type Float32NdArray, float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import type { InferRequest, LoadedModel, ModelSection, ProbeSink } from '../../harness/contract/port.js';
import type { ModelDefinition } from '../../models/model-definition.js';
import type { ModelSource } from '../../models/registry.js';
import { takeImage } from '../../models/take-image.js';
import { validateDraws, validateWeights } from '../../models/validate-weights.js';
import { eagerOperators } from './eager-operators.js';
import { foldKernels } from './fused/folded-kernels.js';
import { fusedOperators } from './fused/fused-operators.js';
import { storeVectors } from './fused/vector.js';
import { uploadNchw } from './layout.js';
import { keepParameters } from './parameters.js';
import { recordProbes } from './probe-recorder.js';
import type { Tensor, Tensor4D, TensorFlowJs } from './tensorflow-js.js';

export interface LoadOptions extends ModelSource {
  /** See EvaluatorContext in fused/evaluate.ts. */
  readonly bytesAtATime: number | null;
}

/** A model on TensorFlow.js, whichever backend is active. Throws as `Port.load` does. */
export async function loadModel(
  tf: TensorFlowJs,
  section: ModelSection,
  weights: ReadonlyMap<string, Float32NdArray>,
  { bytesAtATime, findModel }: LoadOptions,
): Promise<LoadedModel> {
  const definition = await findModel(section);
  const config = definition.parse(section);
  validateWeights(weights, definition.parameters(config));
  const parameters = keepParameters(tf, weights);
  parameters.prepare();
  const kernels = foldKernels(tf, weights);
  const vectors = storeVectors();
  const place = keepPlace();
  const infer = (request: InferRequest, onProbe: ProbeSink): void => {
    const given = takeImage(request.inputs);
    validateDraws(request.draws, definition.draws(config, given.shape));
    tf.tidy(() => {
      const image = upload(tf, given);
      const draws = new Map([...request.draws].map(([name, drawn]) => [name, uploadDraw(tf, drawn)]));
      const recorder = recordProbes(tf, request, onProbe);
      if (isShipped(request)) {
        const fused = fusedOperators({ tf, weights, kernels, vectors, recorder, draws, bytesAtATime, place });
        fused.finish(definition.forward(fused, config, fused.input(image)));
      } else {
        definition.forward(eagerOperators({ tf, parameters, recorder, draws }), config, image);
      }
    });
  };
  // Folding weights and making kernels costs more than a small forward. So both ways to run are tried once, as a part
  // of loading. No layer is called `warm-up`, but asking for it runs them all.
  for (const probes of [[], ['warm-up']]) infer(exampleRequest(definition, config, probes), () => undefined);
  return {
    infer: async (request, onProbe) => infer(request, onProbe),
    async dispose() {
      parameters.dispose();
      kernels.dispose();
    },
  };
}

/** The array of the forward before, where it is as long: a new one has no memory yet, and takes longer to fill. */
function keepPlace(): (elements: number) => Float32Array {
  let kept = new Float32Array(0);
  return (elements) => {
    if (kept.length !== elements) kept = new Float32Array(elements);
    return kept;
  };
}

function exampleRequest(
  definition: ModelDefinition<unknown>,
  config: unknown,
  probes: readonly string[],
): InferRequest {
  const zeros = (shape: readonly number[]) => float32NdArray(shape, new Float32Array(elementCount(shape)));
  const shape = definition.exampleImage(config);
  return {
    inputs: new Map([['image', zeros(shape)]]),
    draws: new Map([...definition.draws(config, shape)].map(([name, drawn]) => [name, zeros(drawn)])),
    probes,
    replacements: new Map(),
  };
}

/** Whether this is what users run: layers inside are neither looked at nor replaced. */
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
