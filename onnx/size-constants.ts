import { describeNode } from './describe-node.js';
import type { GraphProto, NodeProto, TensorProto } from './model-proto.js';
import { findWeightTensors } from './tensors.js';

/** What a node was exported with that stands where a size should follow the input. */
export interface SizeConstant {
  readonly name: string;
  /** What it says: numbers of sizes, or the sizes of an array that the node reads. */
  readonly values: readonly number[];
}

/** Constant sizes that a node reads: as its sizes or a part of them; of one that joins arrays, those of the array. */
export function listSizeConstants(graph: GraphProto, node: NodeProto): SizeConstant[] {
  const constants = findWeightTensors(graph);
  const makers = new Map((graph.node ?? []).flatMap((one) => (one.output ?? []).map((name) => [name, one] as const)));
  const follow = (name: string, depth: number): SizeConstant[] => {
    const tensor = constants.get(name);
    if (tensor !== undefined) {
      const values = readSizes(tensor);
      return values === null ? [] : [{ name, values }];
    }
    const maker = makers.get(name);
    if (maker === undefined || depth === 0 || !passing.has(maker.opType ?? '')) return [];
    return (maker.input ?? []).flatMap((input) => follow(input, depth - 1));
  };
  const at = sizeInputs.get(node.opType ?? '');
  if (at !== undefined) return follow(node.input?.[at] ?? '', 4);
  if (!joining.has(node.opType ?? '')) return [];
  return (node.input ?? []).flatMap((name) => {
    const values = (constants.get(name)?.dims ?? []).map(Number);
    return values.some((size) => size > 1) ? [{ name, values }] : [];
  });
}

/** `Reshape r, whose sizes have the constant s of [1, 8, -1]`; a node without any is named alone. */
export function describeSizes(graph: GraphProto, node: NodeProto): string {
  const constants = listSizeConstants(graph, node);
  if (constants.length === 0) return describeNode(node);
  const each = constants.slice(0, 3).map(({ name, values }) => `${name} of [${values.slice(0, 8).join(', ')}]`);
  return `${describeNode(node)}, whose sizes have the constant ${each.join(' and ')}`;
}

/** By operator, which input says sizes. */
const sizeInputs: ReadonlyMap<string, number> = new Map([
  ['Reshape', 1],
  ['Expand', 1],
  ['Resize', 3],
  ['Tile', 1],
  ['ConstantOfShape', 0],
]);

/** What sizes are put together with. */
const passing = new Set(['Concat', 'Cast', 'Identity', 'Unsqueeze']);

/** Operators whose arrays must fit each other. */
const joining = new Set(['Add', 'Sub', 'Mul', 'Div', 'Where', 'Concat', 'MatMul']);

const int64 = 7;
/** No tensor has more axes. */
const mostSizes = 64;

function readSizes({ dataType, rawData, int64Data = [] }: TensorProto): number[] | null {
  if (dataType !== int64) return null;
  if (rawData === undefined) return int64Data.length > mostSizes ? null : int64Data.map(Number);
  if (rawData.byteLength % 8 !== 0 || rawData.byteLength > 8 * mostSizes) return null;
  return [...new BigInt64Array(Uint8Array.from(rawData).buffer)].map(Number);
}
