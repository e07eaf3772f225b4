import { elementCount, type Float32NdArray, sameShape } from '../harness/contract/nd-array.js';
import { UserError } from '../harness/support/errors.js';
import { dataTypes, type GraphProto, type TensorProto } from './model-proto.js';

/** How a file's own weights stand to a bundle's. */
export interface WeightComparison {
  readonly equal: readonly string[];
  readonly different: readonly string[];
  /** Names of the bundle that the file does not have, for example because an exporter folded them. */
  readonly absent: readonly string[];
}

/**
 * Puts `weights` into initializers (or Constant nodes) of the same names. Throws a UserError that names those not
 * found.
 */
export function putWeights(graph: GraphProto, weights: ReadonlyMap<string, Float32NdArray>, path: string): void {
  const tensors = findWeightTensors(graph);
  const absent = [...weights.keys()].filter((name) => !tensors.has(name));
  if (absent.length > 0) throw new UserError(absenceText(path, absent, weights.size));
  for (const [name, { shape, data }] of weights) {
    const tensor = tensors.get(name)!;
    validateTensor(tensor, name, shape, path);
    clearNumbers(tensor);
    tensor.rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
}

/** Compares to the last bit: what was exported from the bundle's weights holds exactly them. */
export function compareWeights(graph: GraphProto, weights: ReadonlyMap<string, Float32NdArray>): WeightComparison {
  const tensors = findWeightTensors(graph);
  const comparison = { equal: [] as string[], different: [] as string[], absent: [] as string[] };
  for (const [name, { shape, data }] of weights) {
    const tensor = tensors.get(name);
    if (tensor === undefined) comparison.absent.push(name);
    else comparison[holds(tensor, shape, data) ? 'equal' : 'different'].push(name);
  }
  return comparison;
}

/** Throws a UserError where a weight of the file is another than the bundle's. */
export function validateOwnWeights(
  graph: GraphProto,
  weights: ReadonlyMap<string, Float32NdArray>,
  path: string,
): void {
  const { different } = compareWeights(graph, weights);
  if (different.length === 0) return;
  throw new UserError(
    `Cannot judge ${path} with its own weights: ${different.length} of ${weights.size} differ from the bundle's (${listed(different)}); equal ones are wanted. Fix: npx tipcheck weights <bundle> --out w.npz, load w.npz into your model and export it again; or leave out --own-weights`,
  );
}

/**
 * Recognises a file of another network before it runs: its weights have a parameter's name and not its shape. Throws a
 * UserError.
 */
export function validateShapes(
  graph: GraphProto,
  parameters: ReadonlyMap<string, readonly number[]>,
  path: string,
): void {
  for (const [name, { dims }] of findWeightTensors(graph)) {
    const wanted = parameters.get(name);
    const actual = (dims ?? []).map(Number);
    if (wanted === undefined || sameShape(actual, wanted)) continue;
    throw new UserError(
      `Cannot run ${path} as the yml's model: ${name} is [${actual.join(', ')}]; [${wanted.join(', ')}] is wanted. Fix: the yml that it was exported with`,
    );
  }
}

function findWeightTensors(graph: GraphProto): ReadonlyMap<string, TensorProto> {
  const tensors = new Map<string, TensorProto>();
  for (const node of graph.node ?? []) {
    const value = node.opType === 'Constant' ? node.attribute?.find(({ name }) => name === 'value')?.t : undefined;
    const name = node.output?.[0];
    if (value !== undefined && name !== undefined) tensors.set(name, value);
  }
  for (const tensor of graph.initializer ?? []) if (tensor.name !== undefined) tensors.set(tensor.name, tensor);
  return tensors;
}

function validateTensor(tensor: TensorProto, name: string, shape: readonly number[], path: string): void {
  const actual = (tensor.dims ?? []).map(Number);
  if (!sameShape(actual, shape)) {
    throw new UserError(
      `Cannot put the bundle's weights into ${path}: ${name} is [${actual.join(', ')}] there; [${shape.join(', ')}] is wanted`,
    );
  }
  if (tensor.dataType !== dataTypes.float32) {
    throw new UserError(
      `Cannot put the bundle's weights into ${path}: ${name} has ONNX's data type ${tensor.dataType} there; float32 (1) is wanted`,
    );
  }
}

function clearNumbers(tensor: TensorProto): void {
  delete tensor.floatData;
  delete tensor.rawData;
  delete tensor.externalData;
  delete tensor.dataLocation;
}

function holds(tensor: TensorProto, shape: readonly number[], data: Float32Array): boolean {
  if (tensor.dataType !== dataTypes.float32 || !sameShape((tensor.dims ?? []).map(Number), shape)) return false;
  const own = readFloats(tensor, elementCount(shape));
  return own?.every((value, at) => value === data[at]) ?? false;
}

function readFloats({ rawData, floatData = [] }: TensorProto, count: number): Float32Array | null {
  if (rawData === undefined) return floatData.length === count ? Float32Array.from(floatData) : null;
  if (rawData.byteLength !== count * Float32Array.BYTES_PER_ELEMENT) return null;
  return new Float32Array(Uint8Array.from(rawData).buffer);
}

function absenceText(path: string, absent: readonly string[], all: number): string {
  const found = absent.length === all ? 'none' : String(all - absent.length);
  return (
    `Cannot put the bundle's weights into ${path}: ${found} of ${all} names are initializers there, ${listed(absent)} not; every name of state_dict() is wanted. ` +
    "Fix: export without constant folding, or export with the bundle's weights (npx tipcheck weights <bundle> --out w.npz) and judge with --own-weights"
  );
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
