import type { NdArray } from '../harness/contract/nd-array.js';
import { cannot, UserError } from '../harness/support/errors.js';
import { isFloat, nameElementType } from './element-types.js';
import type { GraphProto, ValueInfoProto } from './model-proto.js';
import { listFreeInputs } from './tensors.js';

type NamedInput = ValueInfoProto & { readonly name: string };

/** The input for the image: `image` or `x`, else the only input of floats with four axes. Throws a UserError. */
export function findImageInput(graph: GraphProto, path: string): NamedInput {
  const inputs = listFreeInputs(graph);
  const named = inputs.find(({ name }) => name === 'image') ?? inputs.find(({ name }) => name === 'x');
  const candidates = named === undefined ? inputs.filter(isFeatureMap) : [named];
  const [found] = candidates;
  if (candidates.length === 1 && found?.name !== undefined) {
    validateType(found, path);
    return { ...found, name: found.name };
  }
  const names = inputs.map(({ name }) => name).join(', ');
  throw new UserError(
    `Cannot feed the image to ${path}: of its inputs (${names}) ${candidates.length} are floats of four axes and none is called image or x; one such is wanted`,
  );
}

/**
 * The graph's input for what is given under `name`: that of the name; for `image` see `findImageInput`.
 * @param mapped the input that a map names for it; null: none
 * @throws UserError where there is none, or one of whole numbers for floats, or of floats for whole numbers
 */
export function findInput(
  graph: GraphProto,
  name: string,
  { dtype }: NdArray,
  path: string,
  mapped: string | null = null,
): NamedInput {
  if (name === 'image' && mapped === null) return findImageInput(graph, path);
  const inputs = listFreeInputs(graph);
  const found = inputs.find((input) => input.name === (mapped ?? name));
  if (found === undefined)
    throw cannot(
      'feed',
      `${name} to ${path}`,
      `it has no input ${mapped === null ? 'of that name' : mapped} (its inputs are ${inputs.map((input) => input.name).join(', ')})`,
      'one is wanted',
    );
  const declared = found.type?.tensorType?.elemType ?? 0;
  if (declared !== 0 && isFloat(declared) !== dtype.startsWith('f'))
    throw cannot(
      'feed',
      `${name} to ${path}`,
      `its input ${found.name} is ${nameElementType(declared)}`,
      `one that takes ${dtype} is wanted`,
    );
  return { ...found, name: found.name! };
}

/** Whether the input is declared as [batch, height, width, channels]. */
export function isChannelsLast({ type }: ValueInfoProto, [, channels]: readonly number[]): boolean {
  const dims = type?.tensorType?.shape?.dim ?? [];
  const [, second, , fourth] = dims.map(({ dimValue = 0n }) => Number(dimValue));
  return dims.length === 4 && fourth === channels && second !== channels;
}

/** Throws a UserError for an input that nothing would feed. */
export function validateInputs(graph: GraphProto, fed: readonly string[], path: string): void {
  const unfed = listFreeInputs(graph).filter(({ name }) => !fed.includes(name ?? ''));
  if (unfed.length === 0) return;
  throw new UserError(
    `Cannot run ${path}: nothing is there for its input ${unfed[0]!.name}; inputs for what is given and what the model draws (${fed.join(', ')}) alone are wanted`,
  );
}

/**
 * Throws a UserError for an image that the input's declared sizes do not take.
 * @param shape [b, c, h, w]
 * @param sized how one gets images of another size, for example a command; HEIGHT and WIDTH stand for the file's
 * @param last whether the input is [b, h, w, c], and the image is turned for it
 */
export function validateImageShape(
  { name, type }: ValueInfoProto,
  shape: readonly number[],
  path: string,
  sized: string,
  last = false,
): void {
  const dims = type?.tensorType?.shape?.dim;
  if (dims === undefined) return;
  // 0 and −1 are how some exporters write an open size.
  const own = dims.map(({ dimValue = 0n }) => (dimValue > 0n ? Number(dimValue) : null));
  const sizes = last ? [0, 3, 1, 2].map((axis) => own[axis] ?? null) : own;
  if (sizes.length === shape.length && sizes.every((size, axis) => size === null || size === shape[axis])) return;
  const declared = dims.map(({ dimParam }, axis) => own[axis] ?? (dimParam === undefined ? '?' : dimParam));
  const begin = `Cannot feed the image to ${path}: its input ${name} is [${declared.join(', ')}]`;
  const [batch, channels, height, width] = shape;
  const [, second, third, fourth] = sizes;
  if (fourth === channels && second !== channels)
    throw new UserError(
      `${begin}, channels last; [batch, ${channels}, height, width] is wanted. Fix: an export in NCHW, or an input [batch, ${channels}, height, width] with a Transpose of perm [0, 2, 3, 1] behind it`,
    );
  if (sizes.length !== 4)
    throw new UserError(`${begin}; [batch, ${channels}, height, width] is wanted. Fix: an export with these four axes`);
  if (second !== null && second !== channels)
    throw new UserError(
      `${begin}, and the image has ${channels} channels; as many are wanted. Fix: the model of these channels`,
    );
  const way = [third, fourth].every((size) => size != null)
    ? `, or ${sized.replaceAll('HEIGHT', String(third)).replaceAll('WIDTH', String(fourth))}`
    : '';
  throw new UserError(
    `${begin}, which is fixed, and the image is [${[batch, channels, height, width].join(', ')}]; sizes that fit are wanted. Fix: an export with open sizes (of torch.onnx.export: dynamic_axes={'${name}': {0: 'batch', ${last ? "1: 'height', 2: 'width'" : "2: 'height', 3: 'width'"}}})${way}`,
  );
}

function validateType({ name, type }: ValueInfoProto, path: string): void {
  const elemType = type?.tensorType?.elemType;
  if (elemType === undefined || isFloat(elemType)) return;
  throw new UserError(
    `Cannot feed the image to ${path}: its input ${name} is ${nameElementType(elemType)}; float32 is wanted, normalised as the yml says. Fix: an export without the preprocessing`,
  );
}

function isFeatureMap({ type }: ValueInfoProto): boolean {
  return isFloat(type?.tensorType?.elemType ?? 0) && type?.tensorType?.shape?.dim?.length === 4;
}
