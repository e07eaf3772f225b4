import { describeNode } from './describe-node.js';
import type { GraphProto, NodeProto, TensorProto } from './model-proto.js';
import { findWeightTensors } from './tensors.js';

/** What a node was exported with that stands where a size should follow the input. */
export interface SizeConstant {
  readonly name: string;
  /** What it says: numbers of sizes, or the sizes of an array that the node reads. */
  readonly values: readonly number[];
}

/**
 * Of a graph's nodes the constant sizes that each reads: as its sizes or a part of them; of one that joins arrays,
 * those of the array.
 */
export function sizeConstantLister(graph: GraphProto): (node: NodeProto) => SizeConstant[] {
  const constants = findWeightTensors(graph);
  const makers = new Map((graph.node ?? []).flatMap((one) => (one.output ?? []).map((name) => [name, one] as const)));
  const follow = (sizes: string): SizeConstant[] => {
    const found: SizeConstant[] = [];
    // Each tensor once: a file may join one to itself again and again.
    const seen = new Set<string>();
    let names = [sizes];
    for (let depth = 0; depth <= deepest; depth++) {
      names = names.filter((name) => !seen.has(name));
      for (const name of names) seen.add(name);
      const next: string[] = [];
      for (const name of names) {
        const values = readSizes(constants.get(name));
        const maker = makers.get(name);
        if (values !== null) found.push({ name, values });
        else if (passing.has(maker?.opType ?? '')) for (const input of maker?.input ?? []) next.push(input);
      }
      names = [...new Set(next)];
    }
    return found.slice(0, mostSizes);
  };
  return ({ opType = '', input = [] }) => {
    const at = sizeInputs.get(opType);
    if (at !== undefined) return follow(input[at] ?? '');
    if (!joining.has(opType)) return [];
    const joined = [...new Set(input)].flatMap((name) => {
      const values = (constants.get(name)?.dims ?? []).map(Number);
      return values.some((size) => size > 1) ? [{ name, values }] : [];
    });
    return joined.slice(0, mostSizes);
  };
}

/** `Reshape r, whose sizes have the constant s of [1, 8, -1]`; a node without any is named alone. */
export function describeSizes(graph: GraphProto, node: NodeProto): string {
  const constants = sizeConstantLister(graph)(node);
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

/** So many operators lie between a constant and the sizes that it is a part of. */
const deepest = 4;

/** What sizes are put together with. */
const passing = new Set(['Concat', 'Cast', 'Identity', 'Unsqueeze']);

/** Operators whose arrays must fit each other. */
const joining = new Set(['Add', 'Sub', 'Mul', 'Div', 'Where', 'Concat', 'MatMul']);

const int64 = 7;
/** No tensor has more axes. */
const mostSizes = 64;

function readSizes(tensor: TensorProto | undefined): number[] | null {
  if (tensor === undefined) return null;
  const { dataType, rawData, int64Data = [] } = tensor;
  if (dataType !== int64) return null;
  if (rawData === undefined) return int64Data.length > mostSizes ? null : int64Data.map(Number);
  if (rawData.byteLength % 8 !== 0 || rawData.byteLength > 8 * mostSizes) return null;
  return [...new BigInt64Array(Uint8Array.from(rawData).buffer)].map(Number);
}
