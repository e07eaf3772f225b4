import { type Float32NdArray, sameShape } from '../harness/contract/nd-array.js';
import { UserError } from '../harness/support/errors.js';
import { renderCount } from '../harness/support/render-count.js';
import { roundToHalves } from './half-floats.js';
import { matchWeights, type Naming, type WeightMatches } from './match-weights.js';
import { dataTypes, type GraphProto, type TensorProto } from './model-proto.js';
import type { ProbeMap } from './probe-map.js';
import { findWeightTensors } from './tensors.js';
import { isHalf, sameOrder } from './weight-values.js';

type Weights = ReadonlyMap<string, Float32NdArray>;

export interface WeightOptions {
  /** What the file may call them; absent: by the bundle's names. */
  readonly namings?: readonly Naming[];
  readonly map?: ProbeMap;
  /** Whether the file's own are wanted, and no others. */
  readonly own?: boolean;
}

export interface PlacedWeights extends WeightMatches {
  /** What was compared, put in, or could not be, in one line. */
  readonly said: string;
}

/**
 * Decides with whose weights a file is judged. Where one of them is the bundle's, with its own: those that differ are
 * named. Where none is and all are there by name, the bundle's are put in.
 * @throws UserError where neither can be, and where the file's own are wanted and differ
 */
export function placeWeights(
  graph: GraphProto,
  weights: Weights,
  path: string,
  { namings = [], map = new Map(), own = false }: WeightOptions = {},
): PlacedWeights {
  const itself: Naming = { title: null, names: new Map([...weights.keys()].map((name) => [name, name])) };
  const matches = matchWeights(graph, weights, [itself, ...namings], map);
  const { different, equal } = namesByState(matches);
  if (own && different.length > 0) throw differenceError(path, different, weights.size);
  if (own || matches.telling > 0 || equal.length === weights.size)
    return { ...matches, said: describeOwn(matches, weights.size) };
  putWeights(matches, weights, path);
  const said = `the bundle's ${weights.size}${roundedOf(matches, weights.keys())} in place of the file's own${namesOf(matches)} (--own-weights keeps those)`;
  return { ...matches, folds: [], said };
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

function namesByState({ weights }: WeightMatches): Record<'equal' | 'different' | 'absent', string[]> {
  const names = { equal: [] as string[], different: [] as string[], absent: [] as string[] };
  for (const [name, { state }] of weights) names[state].push(name);
  return names;
}

/** Puts the bundle's into the tensors that have their names. Throws a UserError that names those not found. */
function putWeights({ weights: matched, naming }: WeightMatches, weights: Weights, path: string): void {
  const found = new Map(
    [...matched].filter(([, { by }]) => by === 'name' || by === 'map').map(([name, { tensor }]) => [name, tensor!]),
  );
  const absent = [...weights.keys()].filter((name) => !found.has(name));
  if (absent.length > 0) throw new UserError(absenceText(path, absent, weights.size));
  for (const [name, { shape, data }] of weights) {
    const tensor = found.get(name)!;
    validateTensor(tensor, name, shape, naming?.title !== null, path);
    clearNumbers(tensor);
    const { buffer, byteOffset, byteLength } = isHalf(tensor) ? roundToHalves(data) : data;
    tensor.rawData = new Uint8Array(buffer, byteOffset, byteLength);
  }
}

/** @param foreign whether the names are another code's, which may leave out or add sizes of 1 */
function validateTensor(
  tensor: TensorProto,
  name: string,
  shape: readonly number[],
  foreign: boolean,
  path: string,
): void {
  const actual = (tensor.dims ?? []).map(Number);
  if (!(foreign ? sameOrder(tensor, shape) : sameShape(actual, shape))) {
    throw new UserError(
      `Cannot put the bundle's weights into ${path}: ${name} is [${actual.join(', ')}] there; [${shape.join(', ')}] is wanted`,
    );
  }
  if (tensor.dataType !== dataTypes.float32 && !isHalf(tensor)) {
    throw new UserError(
      `Cannot put the bundle's weights into ${path}: ${name} has ONNX's data type ${tensor.dataType} there; float32 (1) or float16 (10) is wanted`,
    );
  }
}

function clearNumbers(tensor: TensorProto): void {
  delete tensor.floatData;
  delete tensor.int32Data;
  delete tensor.rawData;
  delete tensor.externalData;
  delete tensor.dataLocation;
}

/** What was compared of the file's own. Nothing compared is never called equal. */
function describeOwn(matches: WeightMatches, all: number): string {
  const { equal, different, absent } = namesByState(matches);
  const compared = all - absent.length;
  if (compared === 0) return `the file's own: none of ${all} could be compared with the bundle's`;
  const folded =
    matches.folds.length === 0 ? '' : `, norms folded into ${renderCount(matches.folds.length, 'convolution')}`;
  const unseen = absent.length === 0 ? '' : `; ${absent.length} could not be (${listed(absent)})`;
  const rounded = roundedOf(matches, equal);
  const result =
    different.length === 0
      ? `equal to the bundle's${rounded}`
      : `${equal.length} equal to the bundle's${rounded} and ${different.length} not (${listed(different)}), the likely cause of what fails`;
  return `the file's own: ${compared} of ${all} compared${waysOf(matches)}${folded}, ${result}${unseen}`;
}

/** ` rounded to float16`, where these are the bundle's; nothing where none is of float16. */
function roundedOf({ weights }: WeightMatches, names: Iterable<string>): string {
  const tensors = [...names].map((name) => weights.get(name)!.tensor!);
  const halves = tensors.filter(isHalf).length;
  if (halves === 0) return '';
  return halves === tensors.length ? ' rounded to float16' : ` (${halves} of them rounded to float16)`;
}

/** ` (489 by mmsegmentation 1.2.2's names, 30 by value)`; nothing where all have the bundle's names. */
function waysOf(matches: WeightMatches): string {
  const { weights, naming } = matches;
  const ways = [...weights.values()].map(({ by }) => by);
  const by = (...kinds: (typeof ways)[number][]) => ways.filter((way) => kinds.includes(way)).length;
  if (by('name') === ways.filter((way) => way !== null).length && naming?.title === null && matches.prefix === '')
    return '';
  const parts = [
    [by('map'), 'by the map'],
    [by('name'), `by name${namesOf(matches)}`],
    [by('value', 'fold'), 'by value'],
  ] as const;
  return ` (${parts.flatMap(([found, way]) => (found === 0 ? [] : [`${found} ${way}`])).join(', ')})`;
}

function namesOf({ naming, prefix }: WeightMatches): string {
  const whose = naming === null || naming.title === null ? '' : `, the names ${naming.title}'s`;
  return `${whose}${prefix === '' ? '' : ` after ${JSON.stringify(prefix)}`}`;
}

function differenceError(path: string, different: readonly string[], all: number): UserError {
  return new UserError(
    `Cannot judge ${path} with its own weights: ${different.length} of ${all} differ from the bundle's (${listed(different)}); equal ones are wanted. Fix: npx tipcheck weights <bundle> --out w.npz, load w.npz into your model and export it again; or leave out --own-weights`,
  );
}

function absenceText(path: string, absent: readonly string[], all: number): string {
  const found = absent.length === all ? 'none' : String(all - absent.length);
  return (
    `Cannot put the bundle's weights into ${path}: none of its weights is the bundle's, and ${found} of ${all} names are initializers there, ${listed(absent)} not; the bundle's weights, or every name of state_dict(), are wanted. ` +
    'Fix: npx tipcheck weights <bundle> --out w.npz (npx tipcheck convert gives them the names of PyTorch codes), load them into your model and export it again'
  );
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
