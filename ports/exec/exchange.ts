import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NdArray } from '../../harness/contract/nd-array.js';
import type { ProbeSink } from '../../harness/contract/port.js';
import { renderNpy } from '../../harness/golden/npy.js';
import { UserError } from '../../harness/support/errors.js';
import type { Conversation } from './conversation.js';
import { readAnswerArray } from './read-answer-array.js';

/** A program, and the folder in which arrays are exchanged with it. */
export interface Exchange {
  readonly program: Conversation;
  readonly folder: string;
  /** Whether the program takes inputs beside and instead of `image`. */
  readonly readsInputs: boolean;
}

/** Calls `body` with a folder of its own, which is gone afterwards. */
export async function inFolder<T>({ folder: parent }: Exchange, body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(parent, 'run-'));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What an answer is to hold under `key`: arrays by these names. */
export interface WantedArrays {
  readonly op: string;
  readonly key: string;
  readonly what: string;
  readonly names: readonly string[];
}

/** Gives `onValue` the arrays of an answer, whose `key` holds an object of name to .npy path. */
export async function receiveArrays(
  { program, folder }: Exchange,
  answer: Readonly<Record<string, unknown>>,
  { op, key, what, names }: WantedArrays,
  onValue: ProbeSink,
): Promise<void> {
  const paths = answer[key];
  const wanted = `an object of ${what} name to .npy path is wanted`;
  if (paths === undefined) throw program.broken(`answered ${op} without ${key}; ${wanted}`);
  if (typeof paths !== 'object' || paths === null || Array.isArray(paths))
    throw program.broken(`answered ${op} with ${key} that are ${kindOf(paths)}; ${wanted}`);
  const asked = new Set(names);
  const stray = Object.keys(paths).find((name) => !asked.has(name));
  if (stray !== undefined) throw program.broken(`gave ${what} ${stray}, which was not asked for`);
  for (const [name, path] of Object.entries(paths)) {
    if (typeof path !== 'string')
      throw program.broken(`gave no path for ${what} ${name}; the path of a .npy file is wanted`);
    try {
      onValue(name, await readAnswerArray(path, folder));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw program.broken(`gave ${what} ${name} as ${error.message.replace(/^Cannot read /, '')}`);
    }
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return value === null ? 'null' : `a ${typeof value}`;
}

export async function writeArrays(
  folder: string,
  prefix: string,
  arrays: ReadonlyMap<string, NdArray>,
): Promise<Record<string, string>> {
  const paths: [name: string, path: string][] = [];
  for (const [name, array] of arrays) paths.push([name, await writeArray(folder, `${prefix}-${paths.length}`, array)]);
  return Object.fromEntries(paths);
}

/** An array of the bundle as a question names it. `dtype` is the bundle's own; the file may hold a wider type. */
export interface GivenInput {
  readonly file: string;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/**
 * `image`, where there is one, for every program, and all `inputs` for those that ask for them. To others the judge
 * gives an image alone.
 */
export async function writeInputs(
  { readsInputs }: Exchange,
  folder: string,
  inputs: ReadonlyMap<string, NdArray>,
): Promise<{ readonly image?: string; readonly inputs?: Readonly<Record<string, GivenInput>> }> {
  const written: [name: string, GivenInput][] = [];
  for (const [name, array] of inputs) {
    // The bundle's names are no file names.
    const file = await writeArray(folder, name === 'image' ? name : `input-${written.length}`, array);
    written.push([name, { file, shape: array.shape, dtype: array.stored ?? array.dtype }]);
  }
  const all = Object.fromEntries(written);
  return { ...(inputs.has('image') && { image: all.image!.file }), ...(readsInputs && { inputs: all }) };
}

export async function writeArray(folder: string, name: string, array: NdArray): Promise<string> {
  const path = join(folder, `${name}.npy`);
  await writeFile(path, renderNpy(array));
  return path;
}
