import { nameElementType } from './element-types.js';
import type { GraphProto, NodeProto } from './model-proto.js';
import { bodiesOf, listFreeInputs } from './tensors.js';

/** What a file computes in where that is not float32 alone. */
export interface Precision {
  /** As porters call it. */
  readonly name: 'fp16' | 'bf16' | 'int8' | 'fp64';
  /** For a sentence that begins with the file. */
  readonly said: string;
}

/** Null if the file computes in float32. Whole numbers that are sizes and places do not count. */
export function findPrecision(graph: GraphProto): Precision | null {
  // A file may hold several: what is not judged is said first.
  const quantised = listNodes(graph).find(({ opType = '' }) => ofBytes.test(opType))?.opType;
  if (quantised !== undefined) return { name: 'int8', said: `int8, with ${quantised}` };
  const ends = [...listFreeInputs(graph), ...(graph.output ?? [])].map((value) => value.type?.tensorType?.elemType);
  const inside = new Set(innerTypes(graph));
  for (const [type, name] of narrow) {
    const atEnds = ends.includes(type);
    if (!atEnds && !inside.has(type)) continue;
    const long = nameElementType(type);
    return { name, said: ends.includes(float32) || !atEnds ? `${long} inside` : `${long} throughout` };
  }
  return ends.includes(float64) ? { name: 'fp64', said: 'float64' } : null;
}

const float32 = 1;
const float64 = 11;
const narrow = [
  [16, 'bf16'],
  [10, 'fp16'],
] as const;

/** Operators that compute in 8 bits. Source: ONNX's, and com.microsoft of ONNX Runtime. */
const ofBytes =
  /^(?:QuantizeLinear|DequantizeLinear|DynamicQuantize\w+|(?:MatMul|Conv)Integer\w*|QLinear\w+|QGemm|QAttention)$/;

/** Of weights, constants and what nodes convert to. */
function innerTypes(graph: GraphProto): number[] {
  const constants = listNodes(graph).flatMap(({ opType, attribute = [] }) =>
    attribute.map(({ name, t, i }) => (opType === 'Cast' && name === 'to' ? Number(i) : (t?.dataType ?? 0))),
  );
  return [...(graph.initializer ?? []).map(({ dataType = 0 }) => dataType), ...constants];
}

function listNodes(graph: GraphProto): NodeProto[] {
  return (graph.node ?? []).flatMap((node) => [node, ...bodiesOf(node).flatMap(listNodes)]);
}
