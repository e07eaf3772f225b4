import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import type { ModelDefinition } from '../../models/model-definition.js';
import { countCalls } from '../../models/probe-calls.js';
import { shapeOperators } from '../../models/shape-operators.js';
import { type Graph, newGraph, removeDeadNodes, removeUnreadInputs } from '../../onnx/graph.js';
import { buildOperators } from './build-operators.js';
import { drawAtRandom } from './draw-at-random.js';
import { newBuilder } from './graph/builder.js';

export interface GraphRequest {
  readonly probes: readonly string[];
  readonly replaced?: readonly string[];
  /** Whether each sublayer's tensor bears its name inside the graph. */
  readonly named?: boolean;
  /** Where what the reference draws at random comes from: an input of that name, or a node of that name that draws. */
  readonly draws?: 'input' | 'random';
}

/**
 * The graph of a model's forward pass as the model states it, from `image` [batch, channels, height, width] to the
 * probes.
 */
export function buildModelGraph<Config>(
  definition: ModelDefinition<Config>,
  config: Config,
  weights: ReadonlyMap<string, Float32NdArray>,
  { probes, replaced = [], named = false, draws = 'input' }: GraphRequest,
): Graph {
  const graph = newGraph();
  const builder = newBuilder(graph);
  const image = builder.input('image', [null, definition.exampleImage(config)[1], null, null]);
  const [wanted, given] = [new Set(probes), new Set(replaced)];
  const operators = buildOperators({
    ...{ builder, weights, probes: wanted, replaced: given },
    countCall: countCalls((name) => wanted.has(name) || given.has(name)),
    named: named ? { repeated: findRepeated(definition, config) } : null,
  });
  if (draws === 'random') operators.draw = drawAtRandom(builder, definition, config, image);
  definition.forward(operators, config, image);
  // A probe that nothing reads, for example the backbone's, must be found by its name all the same.
  if (!named) removeDeadNodes(graph);
  if (replaced.length > 0) removeUnreadInputs(graph);
  return graph;
}

/** Probes that a forward calls more than once. */
function findRepeated<Config>(definition: ModelDefinition<Config>, config: Config): ReadonlySet<string> {
  const image = definition.exampleImage(config);
  const { ops, log } = shapeOperators(definition.parameters(config), definition.draws(config, image));
  definition.forward(ops, config, image);
  const called = log.probes.map(([name]) => name);
  return new Set(called.filter((name, at) => called.indexOf(name) !== at));
}
