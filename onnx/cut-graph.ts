import { readsOf } from './candidate-tensors.js';
import { dataTypes, type GraphProto, type ModelProto } from './model-proto.js';
import { observeModel, type ReplacedTensor } from './observe.js';

/** What an engine is given of a file: tensors with their sizes, for converters want all of them fixed. */
export interface Cut {
  /** Tensors of float32 that leave the graph; each once, in the file's order. */
  readonly outputs: readonly Sized[];
  /** Tensors that are replaced by inputs for their readers. */
  readonly replaced: readonly Sized[];
  /** Of the graph's inputs. */
  readonly inputs: ReadonlyMap<string, readonly number[]>;
}

export interface Sized {
  readonly tensor: string;
  readonly shape: readonly number[];
}

/**
 * A copy of the model for an engine of which nothing is known: sizes are fixed, outputs have types, and it has neither
 * nodes that lead to no output nor inputs and weights that nothing reads.
 */
export function cutModel(
  model: ModelProto & { graph: GraphProto },
  { outputs, replaced, inputs }: Cut,
): ModelProto & { graph: GraphProto } {
  const observed = observeModel(
    { ...model, graph: fixInputs(model.graph, inputs) },
    {
      outputs: outputs.map(({ tensor }) => tensor),
      replaced: replaced.map(({ tensor, shape }): ReplacedTensor => ({ tensor, rank: shape.length, shape })),
    },
  );
  const output = outputs.map(({ tensor, shape }) => ({
    name: tensor,
    type: { tensorType: { elemType: dataTypes.float32, shape: dimsOf(shape) } },
  }));
  return { ...observed, graph: dropUnread({ ...observed.graph, output }) };
}

/** A copy whose inputs have these sizes: an engine then knows the sizes of most tensors. */
export function fixInputs(graph: GraphProto, shapes: ReadonlyMap<string, readonly number[]>): GraphProto {
  const input = (graph.input ?? []).map((one) => {
    const shape = shapes.get(one.name ?? '');
    return shape === undefined
      ? one
      : { ...one, type: { ...one.type, tensorType: { ...one.type?.tensorType, shape: dimsOf(shape) } } };
  });
  return { ...graph, input };
}

/** The tensor that each is another name of, by an Identity or several; itself if of none that a node makes. */
export function findOrigins(graph: GraphProto): (tensor: string) => string {
  const nodes = graph.node ?? [];
  const made = new Set(nodes.flatMap(({ output = [] }) => output));
  const from = new Map(
    nodes.flatMap(({ opType, domain = '', input: [read = ''] = [], output: [copy = ''] = [] }) =>
      opType === 'Identity' && domain === '' && made.has(read) ? [[copy, read]] : [],
    ),
  );
  return (tensor) => {
    const passed = new Set<string>();
    let origin = tensor;
    // A file may hold a ring, which no engine runs.
    for (let read = from.get(origin); read !== undefined && !passed.has(read); read = from.get(origin)) {
      passed.add(read);
      origin = read;
    }
    return origin;
  };
}

/** Which of the replaced tensors these read before another stands in between. */
export function findReads(
  graph: GraphProto,
  tensors: readonly string[],
  replaced: ReadonlySet<string>,
): ReadonlySet<string> {
  const makers = new Map(
    (graph.node ?? []).flatMap((node) => (node.output ?? []).map((name) => [name, node] as const)),
  );
  const read = new Set<string>();
  const passed = new Set(tensors);
  // It grows while it is walked.
  for (const tensor of passed) {
    const node = makers.get(tensor);
    for (const name of node === undefined ? [] : readsOf(node))
      if (replaced.has(name)) read.add(name);
      else passed.add(name);
  }
  return read;
}

/** A copy without nodes that lead to no output, and without inputs and weights that nothing reads. */
export function dropUnread(graph: GraphProto): GraphProto {
  const read = new Set((graph.output ?? []).map(({ name }) => name ?? ''));
  const node = [...(graph.node ?? [])]
    .reverse()
    .filter((one) => {
      if (!(one.output ?? []).some((name) => read.has(name))) return false;
      for (const name of readsOf(one)) read.add(name);
      return true;
    })
    .reverse();
  const isRead = ({ name }: { readonly name?: string }) => read.has(name ?? '');
  const { initializer = [], input = [] } = graph;
  return { ...graph, node, initializer: initializer.filter(isRead), input: input.filter(isRead) };
}

function dimsOf(shape: readonly number[]) {
  return { dim: shape.map((size) => ({ dimValue: BigInt(size) })) };
}
