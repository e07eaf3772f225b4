import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import { parseNpy } from '../../harness/golden/npy.js';
import { maxArrayBytes } from '../../harness/golden/npy-header.js';
import { cannot, codeOf } from '../../harness/support/errors.js';

/**
 * Reads an array that a program has written: a plain file within `folder`, by its real path.
 * @throws UserError for any other path, which is not opened, and for what is not a .npy file of floats of at most 2 GiB
 */
export async function readAnswerArray(path: string, folder: string): Promise<Float32NdArray> {
  const found = await findWithin(path, folder);
  const { dtype, shape, data } = parseNpy(await readPlainFile(found), path, 'any');
  if (data instanceof Float32Array) return float32NdArray(shape, data);
  if (data instanceof Float64Array) return float32NdArray(shape, Float32Array.from(data));
  throw cannot('read', path, `its elements are integers (${dtype})`, 'f4, f8 or f2 is wanted');
}

async function findWithin(path: string, folder: string): Promise<string> {
  const root = await realpath(folder);
  const found = await realpath(resolve(root, path)).catch((error: unknown) => {
    const why = reasons[codeOf(error) ?? ''];
    if (why === undefined) throw error;
    throw cannot('read', path, why, 'the file of its array is wanted');
  });
  const inside = relative(root, found);
  if (inside === '' || inside.startsWith('..'))
    throw cannot(
      'read',
      path,
      `it lies outside the folder ${root}`,
      'a file in the folder that the question names is wanted',
    );
  return found;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'it may not be read',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its folder is a file',
};

/** Opened without waiting for a FIFO's writer: a plain file may have become something else since. */
async function readPlainFile(path: string): Promise<Uint8Array> {
  const handle = await openPlain(path);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw cannot('read', path, 'it is not a plain file', 'one is wanted');
    if (found.size > maxArrayBytes)
      throw cannot('read', path, `it has ${found.size} bytes`, `at most ${maxArrayBytes} are wanted`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function openPlain(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const why = { ...reasons, ENXIO: 'it is not a plain file' }[codeOf(error) ?? ''];
    if (why === undefined) throw error;
    throw cannot('read', path, why, 'a plain file is wanted');
  }
}
