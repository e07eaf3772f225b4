import type { Graph, Node, Value } from '../../../onnx/graph.js';
import { findConsumers, findProducers } from '../../../onnx/graph.js';

/**
 * What a pass asks of a graph while it changes it. Valid until the next change of nodes that is not its own; then ask
 * for a new one.
 */
export interface GraphIndex {
  readonly graph: Graph;
  producer(value: Value | null | undefined): Node | undefined;
  consumers(value: Value): readonly Node[];
  /** The node of this operator that makes `value` for one reader alone, so that it may change. */
  ownProducer(value: Value | null | undefined, op: string): Node | undefined;
  /** As `replaceUses` of the graph does, after which the index is still valid. */
  replaceUses(from: Value, to: Value): void;
}

export function indexGraph(graph: Graph): GraphIndex {
  const consumers = new Map(findConsumers(graph));
  const producers = findProducers(graph);
  let leaving = new Set(graph.outputs.values());
  const readersOf = (value: Value): readonly Node[] => consumers.get(value) ?? [];
  return {
    graph,
    producer: (value) => (value == null ? undefined : producers.get(value)),
    consumers: readersOf,
    ownProducer(value, op) {
      const node = value == null ? undefined : producers.get(value);
      if (value == null || node === undefined || node.op !== op || leaving.has(value)) return undefined;
      return readersOf(value).length === 1 ? node : undefined;
    },
    replaceUses(from, to) {
      const moved = readersOf(from);
      for (const node of moved) node.inputs = node.inputs.map((input) => (input === from ? to : input));
      consumers.set(to, [...new Set([...readersOf(to), ...moved])]);
      consumers.delete(from);
      for (const [name, value] of graph.outputs) if (value === from) graph.outputs.set(name, to);
      leaving = new Set(graph.outputs.values());
    },
  };
}

/** Every reader of `from`, and the outputs, read `to`. */
export function replaceUses(graph: Graph, from: Value, to: Value): void {
  for (const node of graph.nodes) node.inputs = node.inputs.map((input) => (input === from ? to : input));
  for (const [name, value] of graph.outputs) if (value === from) graph.outputs.set(name, to);
}

/** Runs nodes that a pass has appended right before `before`. */
export function moveBefore(graph: Graph, appended: readonly Node[], before: Node): void {
  const moved = new Set(appended);
  const rest = graph.nodes.filter((node) => !moved.has(node));
  rest.splice(rest.indexOf(before), 0, ...appended);
  graph.nodes = rest;
}

/** A constant's numbers, or null where the value is none. */
export function floats(value: Value | null | undefined): Float32Array | null {
  return value?.constant instanceof Float32Array ? value.constant : null;
}
