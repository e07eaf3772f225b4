import { realpath } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import { parseNpy } from '../../harness/golden/npy.js';
import { maxArrayBytes } from '../../harness/golden/npy-header.js';
import { cannot, codeOf, UserError } from '../../harness/support/errors.js';
import { openInside, UnfitFile } from '../../harness/support/open-inside.js';
import { isInside } from '../../harness/support/place-inside.js';

/**
 * Reads an array that a program has written: a plain file within `folder`, by its real path.
 * @throws UserError for any other path, which is not opened, and for what is not a .npy file of floats of at most 2 GiB
 */
export async function readAnswerArray(path: string, folder: string): Promise<Float32NdArray> {
  const { dtype, shape, data } = parseNpy(await readWithin(path, folder), path, 'any');
  if (data instanceof Float32Array) return float32NdArray(shape, data);
  if (data instanceof Float64Array) return float32NdArray(shape, Float32Array.from(data));
  throw cannot('read', path, `its elements are integers (${dtype})`, 'f4, f8 or f2 is wanted');
}

async function readWithin(path: string, folder: string): Promise<Uint8Array> {
  try {
    const root = await realpath(folder);
    const real = await realpath(resolve(root, path));
    if (!isInside(root, real))
      throw cannot(
        'read',
        path,
        `it lies outside the folder ${root}`,
        'a file in the folder that the question names is wanted',
      );
    return await openInside(root, relative(root, real), (file, bytes) => {
      if (bytes <= maxArrayBytes) return file.readFile();
      throw cannot('read', path, `it has ${bytes} bytes`, `at most ${maxArrayBytes} are wanted`);
    });
  } catch (error) {
    if (error instanceof UnfitFile) throw new UserError(`Cannot read ${path}: it ${error.message}`);
    const why = reasons[codeOf(error) ?? ''];
    if (why === undefined) throw error;
    throw cannot('read', path, why, 'the file of its array is wanted');
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'it may not be read',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its folder is a file',
  ENXIO: 'it is not a plain file',
};
