import type { GraphProto, NodeProto, TensorProto } from './model-proto.js';
import { bodiesOf, findWeightTensors } from './tensors.js';

/** Nodes whose outputs differ from run to run, in bodies of loops and branches too. */
export function listRandomNodes(graph: GraphProto): NodeProto[] {
  const tensors = findWeightTensors(graph);
  return (graph.node ?? []).flatMap((node) => [
    ...(isRandom(node, tensors) ? [node] : []),
    ...bodiesOf(node).flatMap(listRandomNodes),
  ]);
}

const random = new Set([
  ...['RandomUniform', 'RandomUniformLike', 'RandomNormal', 'RandomNormalLike', 'Bernoulli', 'Multinomial'],
]);

/** A Dropout draws where its third input says that it trains, or may say so: versions before 12 have none. */
function isRandom({ opType = '', input = [] }: NodeProto, tensors: ReadonlyMap<string, TensorProto>): boolean {
  if (opType !== 'Dropout') return random.has(opType);
  const [, , training = ''] = input;
  return training !== '' && tensors.get(training)?.rawData?.[0] !== 0;
}
