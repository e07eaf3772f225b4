import type { GraphProto, NodeProto, TensorProto } from './model-proto.js';

/** Names of all tensors of a graph's outermost level: inputs, initializers and what nodes make. */
export function listTensors(graph: GraphProto): ReadonlySet<string> {
  return new Set([
    ...(graph.input ?? []).map(({ name }) => name ?? ''),
    ...(graph.initializer ?? []).map(({ name }) => name ?? ''),
    ...(graph.node ?? []).flatMap(({ output }) => output ?? []),
  ]);
}

/** Initializers, and what Constant nodes give, by name. */
export function findWeightTensors(graph: GraphProto): ReadonlyMap<string, TensorProto> {
  const tensors = new Map<string, TensorProto>();
  for (const node of graph.node ?? []) {
    const value = node.opType === 'Constant' ? node.attribute?.find(({ name }) => name === 'value')?.t : undefined;
    const name = node.output?.[0];
    if (value !== undefined && name !== undefined) tensors.set(name, value);
  }
  for (const tensor of graph.initializer ?? []) if (tensor.name !== undefined) tensors.set(tensor.name, tensor);
  return tensors;
}

/** Inputs that a caller must feed. Files of IR version 3 list initializers among the inputs. */
export function listFreeInputs(graph: GraphProto): NonNullable<GraphProto['input']> {
  const given = new Set((graph.initializer ?? []).map(({ name }) => name));
  return (graph.input ?? []).filter(({ name }) => !given.has(name));
}

/** Every node that reads `from` reads `to`, in the bodies of loops and branches, too. The maker of `from` stays. */
export function redirectReaders(graph: GraphProto, from: string, to: string): void {
  for (const node of graph.node ?? []) {
    if (node.input !== undefined) node.input = node.input.map((name) => (name === from ? to : name));
    for (const body of bodiesOf(node)) if (!listTensors(body).has(from)) redirectBody(body, from, to);
  }
}

function redirectBody(body: GraphProto, from: string, to: string): void {
  redirectReaders(body, from, to);
  for (const output of body.output ?? []) if (output.name === from) output.name = to;
}

/** The graphs that a node holds: of loops and branches. */
export function bodiesOf(node: NodeProto): GraphProto[] {
  return (node.attribute ?? []).flatMap(({ g, graphs }) => [...(g === undefined ? [] : [g]), ...(graphs ?? [])]);
}
