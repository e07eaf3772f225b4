import type { InferRequest, LoadedModel, ModelSection, ProbeSink } from '../../harness/hosts/port-contract.js';
import type { Float32NdArray } from '../../harness/support/nd-array.js';
import { type BugSwitch, withBug } from '../../models/bug-switches.js';
import type { ModelDefinition } from '../../models/model-definition.js';
import { findModel } from '../../models/registry.js';
import { validateDraws, validateWeights } from '../../models/validate-weights.js';
import { eagerOperators } from './eager-operators.js';
import { keepParameters, type Parameters } from './parameters.js';
import { recordProbes, uploadNchw } from './probe-recorder.js';
import type { TensorFlowJs } from './tensorflow-js.js';

/** A model on TensorFlow.js, whichever backend is active. Throws as `Port.load` does. */
export async function loadModel(
  tf: TensorFlowJs,
  section: ModelSection,
  weights: ReadonlyMap<string, Float32NdArray>,
  bug: BugSwitch | null = null,
): Promise<LoadedModel> {
  const definition = await findModel(section);
  const config = definition.parse(bug?.model?.(section) ?? section);
  validateWeights(weights, definition.parameters(config));
  const parameters = keepParameters(tf, weights);
  return {
    infer: async (request, onProbe) => infer(tf, { definition, config, parameters, bug }, request, onProbe),
    dispose: async () => parameters.dispose(),
  };
}

interface Ready {
  readonly definition: ModelDefinition<unknown>;
  readonly config: unknown;
  readonly parameters: Parameters;
  readonly bug: BugSwitch | null;
}

function infer(tf: TensorFlowJs, model: Ready, request: InferRequest, onProbe: ProbeSink): void {
  const { definition, config, parameters, bug } = model;
  validateDraws(request.draws, definition.draws(config, request.image.shape));
  tf.tidy(() => {
    const [b = 0, c = 0, h = 0, w = 0] = request.image.shape;
    const image = uploadNchw(tf, request.image.data, [b, c, h, w]);
    const draws = new Map(
      [...request.draws].map(([name, { data, shape }]) => [
        name,
        tf.tensor(Float32Array.from(data, Number), [...shape], 'float32'),
      ]),
    );
    const recorder = recordProbes(tf, request, onProbe);
    definition.forward(withBug(eagerOperators({ tf, parameters, recorder, draws }), bug), config, image);
  });
}
