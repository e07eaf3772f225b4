import type { GraphProto, NodeProto } from './model-proto.js';
import { bodiesOf, listFreeInputs } from './tensors.js';

/**
 * Tensors that may be a probe's, in the order in which the file makes them: they come from an input, since a constant
 * agrees by chance, and lead to an output, since users get nothing else.
 */
export function listCandidates(graph: GraphProto): string[] {
  const nodes = graph.node ?? [];
  const fed = new Set(listFreeInputs(graph).map(({ name }) => name ?? ''));
  const read = nodes.map(readsOf);
  for (const [at, node] of nodes.entries())
    if (read[at]!.some((name) => fed.has(name))) for (const name of node.output ?? []) fed.add(name);
  const needed = new Set((graph.output ?? []).map(({ name }) => name ?? ''));
  for (let at = nodes.length - 1; at >= 0; at--)
    if ((nodes[at]!.output ?? []).some((name) => needed.has(name))) for (const name of read[at]!) needed.add(name);
  return nodes.flatMap(({ opType = '', output = [] }) =>
    ofNoTensor.test(opType) ? [] : output.filter((name) => name !== '' && fed.has(name) && needed.has(name)),
  );
}

/** Their outputs are sequences, or may be. */
const ofNoTensor = /Sequence|Optional|^Loop$|^If$/;

/** What the node reads, in bodies of loops and branches too. */
export function readsOf(node: NodeProto): string[] {
  const inner = bodiesOf(node).flatMap(({ node: nodes = [], output = [] }) => [
    ...nodes.flatMap(readsOf),
    ...output.map(({ name }) => name ?? ''),
  ]);
  return [...(node.input ?? []), ...inner];
}
