import { attributeTypes, dataTypes, type GraphProto, type NodeProto } from './model-proto.js';
import { listFreeInputs, redirectReaders } from './tensors.js';

/** Inputs of narrower floats take float32. A Cast converts it, as a user would; what follows it stays as it is. */
export function castInputs(graph: GraphProto): void {
  const casts: NodeProto[] = [];
  for (const { name, type } of listFreeInputs(graph)) {
    const tensor = type?.tensorType;
    if (name === undefined || tensor?.elemType === undefined || !narrowFloats.has(tensor.elemType)) continue;
    redirectReaders(graph, name, `${name}@cast`);
    casts.push(cast(name, `${name}@cast`, tensor.elemType));
    tensor.elemType = dataTypes.float32;
  }
  graph.node = [...casts, ...(graph.node ?? [])];
}

/** The name of the output as float32: the output itself, or a Cast of it where it is declared as another type. */
export function castOutput(graph: GraphProto, name: string): string {
  const type = graph.output?.find((output) => output.name === name)?.type?.tensorType?.elemType;
  if (type === undefined || type === dataTypes.float32) return name;
  graph.node = [...(graph.node ?? []), cast(name, `${name}@float32`, dataTypes.float32)];
  return `${name}@float32`;
}

const narrowFloats = new Set<number>([dataTypes.float16, dataTypes.bfloat16]);

function cast(from: string, to: string, type: number): NodeProto {
  return {
    name: to,
    opType: 'Cast',
    input: [from],
    output: [to],
    attribute: [{ name: 'to', i: BigInt(type), type: attributeTypes.int }],
  };
}
