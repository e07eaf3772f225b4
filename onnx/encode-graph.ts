import type { Attribute, Graph, Node, Value } from './graph.js';
import {
  type AttributeProto,
  attributeTypes,
  dataTypes,
  encodeModel,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './model-proto.js';

/** Gelu came with 20; IR version 9 is what ONNX 1.15, the first release with it, writes. */
export const onnxVersions = { opset: 20n, ir: 9n } as const;

/** `com.microsoft.nchwc` and the like: ONNX Runtime's own operators, all at version 1. */
const foreignOpset = 1n;

export interface ModelNotes {
  readonly producerVersion: string;
  readonly metadata: ReadonlyMap<string, string>;
}

/** An ONNX file of the graph. Sizes that are open in the graph are named where `axisNames` has names for the input. */
export function encodeGraph(graph: Graph, notes: ModelNotes): Uint8Array {
  const constants = new Set(graph.nodes.flatMap((node) => node.inputs).filter((value) => value?.constant != null));
  const nameOf = namesOf(graph);
  const domains = new Set(graph.nodes.map((node) => node.domain).filter((domain) => domain !== ''));
  return encodeModel({
    irVersion: onnxVersions.ir,
    producerName: 'tipcheck',
    producerVersion: notes.producerVersion,
    graph: {
      name: 'tipcheck',
      node: [...graph.nodes.map((node) => nodeProto(node, nameOf)), ...renamings(graph, nameOf)],
      initializer: [...constants].map((value) => tensorProto(value as Value)),
      input: graph.inputs.map((value) => valueInfo(value.name, value)),
      output: [...graph.outputs].map(([name, value]) => valueInfo(name, value)),
    },
    opsetImport: [
      { domain: '', version: onnxVersions.opset },
      ...[...domains].map((domain) => ({ domain, version: foreignOpset })),
    ],
    metadataProps: [...notes.metadata].map(([key, value]) => ({ key, value })),
  });
}

type NameOf = (value: Value) => string;

/** A value that leaves the graph bears the name under which it leaves, since a copy would take time. */
function namesOf({ nodes, outputs }: Graph): NameOf {
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const others = new Set(nodes.flatMap((node) => [...node.inputs, ...node.outputs]).map((value) => value?.name));
  const leaving = new Map<Value, string>();
  for (const [name, value] of outputs) {
    if (made.has(value) && !leaving.has(value) && !others.has(name)) leaving.set(value, name);
  }
  return (value) => leaving.get(value) ?? value.name;
}

function nodeProto(node: Node, nameOf: NameOf): NodeProto {
  return {
    name: node.outputs[0]!.name,
    opType: node.op,
    ...(node.domain === '' ? {} : { domain: node.domain }),
    input: node.inputs.map((value) => (value === null ? '' : nameOf(value))),
    output: node.outputs.map(nameOf),
    attribute: Object.entries(node.attributes).map(([name, value]) => attributeProto(name, value)),
  };
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number') return { name, i: BigInt(value), type: attributeTypes.int };
  if (typeof value === 'string') return { name, s: Buffer.from(value, 'utf8'), type: attributeTypes.string };
  if ('float' in value) return { name, f: value.float, type: attributeTypes.float };
  return { name, ints: value.map(BigInt), type: attributeTypes.ints };
}

/** A value that leaves under several names is copied, and so is one with another name for a second use. */
function renamings(graph: Graph, nameOf: NameOf): NodeProto[] {
  const renamed = [...graph.outputs].filter(([name, value]) => name !== nameOf(value));
  return renamed.map(([name, value]) => ({
    name: `output/${name}`,
    opType: 'Identity',
    input: [nameOf(value)],
    output: [name],
  }));
}

function tensorProto({ name, shape, constant, dtype }: Value): TensorProto {
  if (constant === null) throw new Error(`${name} is not a constant`);
  return {
    name,
    dims: shape.map((size) => BigInt(size ?? 0)),
    dataType: dataTypes[dtype],
    // Little-endian, as every platform that onnxruntime-node supports is.
    rawData: new Uint8Array(constant.buffer, constant.byteOffset, constant.byteLength),
  };
}

function valueInfo(name: string, { shape, dtype }: Value): ValueInfoProto {
  const dim = shape.map((size, axis) =>
    size === null ? { dimParam: sizeName(name, shape.length, axis) } : { dimValue: BigInt(size) },
  );
  return { name, type: { tensorType: { elemType: dataTypes[dtype], shape: { dim } } } };
}

/** The logits that are a map are as large as the image; another value's sizes belong to it alone, but for the batch. */
function sizeName(name: string, rank: number, axis: number): string {
  if (name === 'image' || name === 'logits') return ['batch', 'channels', 'height', 'width'][axis]!;
  return axis === 0 && rank === 4 ? 'batch' : `${name}/${axis}`;
}
