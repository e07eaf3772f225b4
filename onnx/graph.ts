/**
 * The graph between a model and ONNX: nodes in an order in which they can run, with ONNX's operators and attributes,
 * feature maps as [b, c, h, w]. Passes change it in place. Every value knows its sizes as far as they are fixed. So a
 * pass can tell a convolution's channels, and a graph of fixed sizes can be differentiated.
 */
export interface Graph {
  inputs: Value[];
  nodes: Node[];
  /** Values by the names under which they leave the graph. A value may leave under several. */
  readonly outputs: Map<string, Value>;
}

export interface Value {
  /** Unique in its graph. Parameters carry the names of state_dict(). */
  readonly name: string;
  readonly dtype: 'float32' | 'int64';
  /** null for a size that is only known when the graph runs. */
  readonly shape: readonly Size[];
  /** Its numbers, where they are fixed. */
  readonly constant: Float32Array | BigInt64Array | null;
}

export type Size = number | null;

export interface Node {
  /** An operator of ONNX. */
  readonly op: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  inputs: (Value | null)[];
  outputs: Value[];
  attributes: Attributes;
}

export type Attributes = Readonly<Record<string, Attribute>>;

/** A number is an integer of ONNX; floats are marked, since 1 may be either. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

export function newGraph(): Graph {
  return { inputs: [], nodes: [], outputs: new Map() };
}

/** The nodes that read each value. */
export function findConsumers(graph: Graph): ReadonlyMap<Value, readonly Node[]> {
  const consumers = new Map<Value, Node[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      if (input === null) continue;
      const known = consumers.get(input);
      if (known === undefined) consumers.set(input, [node]);
      // A node that reads a value twice is one reader.
      else if (known.at(-1) !== node) known.push(node);
    }
  }
  return consumers;
}

/** The node that makes each value. */
export function findProducers(graph: Graph): ReadonlyMap<Value, Node> {
  const producers = new Map<Value, Node>();
  for (const node of graph.nodes) for (const output of node.outputs) producers.set(output, node);
  return producers;
}

/** Drops the inputs that no node reads and that are no output. */
export function removeUnreadInputs(graph: Graph): void {
  const read = new Set([...graph.outputs.values(), ...graph.nodes.flatMap(({ inputs }) => inputs)]);
  graph.inputs = graph.inputs.filter((input) => read.has(input));
}

/** Drops the nodes that no output needs. */
export function removeDeadNodes(graph: Graph): void {
  const needed = new Set(graph.outputs.values());
  const kept: Node[] = [];
  for (let at = graph.nodes.length - 1; at >= 0; at--) {
    const node = graph.nodes[at]!;
    if (!node.outputs.some((output) => needed.has(output))) continue;
    kept.push(node);
    for (const input of node.inputs) if (input !== null) needed.add(input);
  }
  graph.nodes = kept.reverse();
}
