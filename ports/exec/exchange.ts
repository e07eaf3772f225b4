import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseNpy, renderNpy } from '../../harness/golden/npy.js';
import type { ProbeSink } from '../../harness/hosts/port-contract.js';
import { float32NdArray, type NdArray } from '../../harness/support/nd-array.js';
import type { Conversation } from './conversation.js';

/** A program, and the folder in which arrays are exchanged with it. */
export interface Exchange {
  readonly program: Conversation;
  readonly folder: string;
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

/** Gives `onValue` the arrays of an answer, whose `key` holds an object of name to .npy path. */
export async function receiveArrays(
  { program }: Exchange,
  answer: Readonly<Record<string, unknown>>,
  { op, key, what }: { readonly op: string; readonly key: string; readonly what: string },
  onValue: ProbeSink,
): Promise<void> {
  const paths = answer[key];
  if (typeof paths !== 'object' || paths === null) {
    throw program.broken(`answered ${op} without ${key}; an object of ${what} name to .npy path is wanted`);
  }
  for (const [name, path] of Object.entries(paths)) {
    if (typeof path !== 'string')
      throw program.broken(`gave no path for ${what} ${name}; the path of a .npy file is wanted`);
    const { dtype, shape, data } = parseNpy(await readFile(path), path);
    if (!(data instanceof Float32Array)) throw program.broken(`wrote ${what} ${name} as ${dtype}; f4 is wanted`);
    onValue(name, float32NdArray(shape, data));
  }
}

export async function writeArrays(
  folder: string,
  prefix: string,
  arrays: ReadonlyMap<string, NdArray>,
): Promise<Record<string, string>> {
  const paths: Record<string, string> = {};
  let index = 0;
  for (const [name, array] of arrays) paths[name] = await writeArray(folder, `${prefix}-${index++}`, array);
  return paths;
}

export async function writeArray(folder: string, name: string, array: NdArray): Promise<string> {
  const path = join(folder, `${name}.npy`);
  await writeFile(path, renderNpy(array));
  return path;
}
