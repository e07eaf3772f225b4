import { open } from 'node:fs/promises';
import { elementCount, type Float32NdArray, float32NdArray, sameShape } from '../../../harness/contract/nd-array.js';
import { codeOf } from '../../../harness/support/errors.js';
import { openInside, UnfitFile } from '../../../harness/support/open-inside.js';

/** An array in a file of raw little-endian numbers, as a message names it. */
export interface IndexEntry {
  readonly name: string;
  /** As NumPy writes it: f4, i8. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** In bytes from the file's start. */
  readonly offset: number;
}

export interface RawArray {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

/** What an engine was asked for. */
export interface Wanted {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Writes arrays one behind the other, each at a multiple of 64 bytes. */
export async function writeRawArrays(path: string, arrays: readonly RawArray[]): Promise<IndexEntry[]> {
  const file = await open(path, 'wx');
  try {
    let offset = 0;
    const index: IndexEntry[] = [];
    for (const { data, ...named } of arrays) {
      index.push({ ...named, offset });
      await writeWhole(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
      offset += Math.ceil(data.byteLength / alignment) * alignment;
    }
    return index;
  } finally {
    await file.close();
  }
}

const alignment = 64;

async function writeWhole(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array, at: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}

/**
 * Reads what an engine gave: the outputs that it was asked for, in that order, as float32.
 * @param name of the file, in `folder`
 * @param index of its answer; anything
 * @param broken makes an error that says what the engine did wrong
 */
export async function readRawArrays(
  folder: string,
  name: string,
  index: unknown,
  wanted: readonly Wanted[],
  broken: (what: string) => Error,
): Promise<ReadonlyMap<string, Float32NdArray>> {
  const entries = readIndex(index, wanted, broken);
  try {
    return await openInside(folder, name, async (file, bytes) => {
      const arrays = new Map<string, Float32NdArray>();
      for (const { name: output, shape, offset } of entries) {
        const data = new Float32Array(elementCount(shape));
        if (offset + data.byteLength > bytes)
          throw broken(
            `gave output ${output} as ${data.byteLength} bytes from ${offset} on, and its file has ${bytes}; the whole array is wanted`,
          );
        await readWhole(file, new Uint8Array(data.buffer), offset);
        arrays.set(output, float32NdArray(shape, data));
      }
      return arrays;
    });
  } catch (error) {
    if (error instanceof UnfitFile) throw broken(`wrote a file that ${error.message}`);
    if (codeOf(error) === 'ENOENT') throw broken('answered run and did not write the file that it was to write');
    throw error;
  }
}

async function readWhole(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array, at: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, at + done);
    if (bytesRead === 0) throw new UnfitFile('became shorter while it was read');
    done += bytesRead;
  }
}

/** The names, types and sizes are those that were asked for, so that no more is read than is wanted. */
function readIndex(index: unknown, wanted: readonly Wanted[], broken: (what: string) => Error): readonly IndexEntry[] {
  if (!Array.isArray(index)) throw broken('answered run without index; a list of the outputs is wanted');
  if (index.length !== wanted.length)
    throw broken(
      `gave ${index.length} outputs, and ${wanted.length} were asked for; each is wanted. What an engine cannot give belongs into notGiven of its answer to load`,
    );
  return wanted.map(({ name, shape }, at) => {
    const entry: Partial<Record<keyof IndexEntry, unknown>> = Object(index[at]);
    if (entry.name !== name)
      throw broken(`gave ${show(entry.name)} as output ${at}; ${name} is wanted, in the order that was asked for`);
    if (entry.dtype !== 'f4') throw broken(`gave output ${name} as ${show(entry.dtype)}; f4 is wanted`);
    const given: unknown = entry.shape;
    if (!Array.isArray(given) || !sameShape(given, shape))
      throw broken(`gave output ${name} in the shape ${show(given)}; [${shape.join(', ')}] is wanted`);
    const { offset } = entry;
    if (!Number.isSafeInteger(offset) || (offset as number) < 0)
      throw broken(`gave output ${name} at the offset ${show(offset)}; a number of bytes is wanted`);
    return { name, dtype: 'f4', shape, offset: offset as number };
  });
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, shownLength);
}

const shownLength = 100;
