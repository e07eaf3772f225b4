import { UserError } from '../harness/support/errors.js';
import { isInteger } from './element-types.js';
import type { GraphProto, NodeProto } from './model-proto.js';

/** The output of a file that users take as its result. */
export interface ResultOutput {
  /** Always an output of the graph, since what users run is judged. */
  readonly name: string;
  readonly holds: 'logits' | 'labels' | 'probabilities';
  /**
   * The operator that made labels or probabilities of the logits; for an output that is declared as whole numbers, its
   * type.
   */
  readonly by: string;
}

/**
 * The one rule for the logits of a file: the output that the map names, else the output `logits`, else the only output.
 * An inner tensor of that name is never the logits, since users do not get it.
 * @param mapped what `--map` names for logits; null if it names nothing, or if there is no map
 * @param fix how the user says which of several outputs it is
 * @throws UserError where there are several
 */
export function findLogits(graph: GraphProto, mapped: string | null, path: string, fix: string): ResultOutput {
  const outputs = (graph.output ?? []).map(({ name }) => name ?? '');
  if (mapped !== null) validateMapped(mapped, outputs, path);
  const name = mapped ?? (outputs.includes('logits') ? 'logits' : outputs.length === 1 ? outputs[0]! : null);
  if (name !== null) return describeOutput(graph, name);
  const are = outputs.length === 0 ? 'it has no outputs' : `its outputs are ${listed(outputs)}`;
  throw new UserError(`Cannot find the logits of ${path}: ${are}; an output logits is wanted. Fix: ${fix}`);
}

/** @throws UserError for a tensor that users do not get */
export function validateMapped(mapped: string, outputs: readonly string[], path: string): void {
  if (outputs.includes(mapped)) return;
  throw new UserError(
    `Cannot map logits to ${mapped}: it is not an output of ${path}, and what users run is what is judged; one of its outputs (${listed(outputs)}) is wanted`,
  );
}

/** Labels and probabilities are recognised by the operator that the output comes from; labels by their type as well. */
function describeOutput(graph: GraphProto, name: string): ResultOutput {
  const made = traceBack(graph, name);
  if (made !== null) return { name, ...made };
  const type = graph.output?.find((output) => output.name === name)?.type?.tensorType?.elemType;
  if (type !== undefined && isInteger(type)) return { name, holds: 'labels', by: 'an output of whole numbers' };
  return { name, holds: 'logits', by: '' };
}

/** Operators that leave what a tensor means as it is. */
const neutral = new Set([
  ...['Identity', 'Cast', 'CastLike', 'Squeeze', 'Unsqueeze', 'Reshape', 'Flatten', 'Transpose', 'Dropout'],
  ...['Resize', 'Upsample', 'Slice', 'Pad', 'Expand', 'QuantizeLinear', 'DequantizeLinear'],
]);

const endings: ReadonlyMap<string, 'labels' | 'probabilities'> = new Map([
  ['ArgMax', 'labels'],
  ['TopK', 'labels'],
  ['Hardmax', 'probabilities'],
  ['Softmax', 'probabilities'],
  ['LogSoftmax', 'probabilities'],
  ['Sigmoid', 'probabilities'],
]);

function traceBack(graph: GraphProto, name: string): { holds: 'labels' | 'probabilities'; by: string } | null {
  const makers = new Map<string, NodeProto>();
  for (const node of graph.node ?? []) for (const output of node.output ?? []) makers.set(output, node);
  // A hostile file may have a ring of nodes.
  for (let steps = makers.size, tensor: string | undefined = name; steps > 0 && tensor !== undefined; steps--) {
    const maker: NodeProto | undefined = makers.get(tensor);
    const operator = maker?.opType ?? '';
    const holds = endings.get(operator);
    // The first output of TopK is scores.
    if (holds !== undefined && !(operator === 'TopK' && maker?.output?.[0] === tensor)) return { holds, by: operator };
    tensor = neutral.has(operator) ? maker?.input?.[0] : undefined;
  }
  return null;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 6).join(', ');
  return names.length > 6 ? `${shown} and ${names.length - 6} more` : shown;
}
