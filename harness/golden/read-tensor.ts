import { elementCount, type NdArray } from '../contract/nd-array.js';
import { budgets, overBudget } from '../support/budgets.js';
import { cannot } from '../support/errors.js';
import { itemSizes } from './npy-header.js';
import type { PickleValue } from './pickle-value.js';
import { decodeStored, dtypeFor, gather, storedSizes } from './stored-elements.js';
import type { TorchTensor } from './torch-value.js';

/** What torch.save wrote: a pickle, and the numbers of its storages beside it. */
export interface PthContents {
  readonly root: PickleValue;
  /** The bytes of a storage, little-endian, or null. Throws a UserError where they are damaged. */
  storageBytes(key: string): Uint8Array | null;
}

/**
 * Reads the tensors of one file, each copied and in C order. A storage may be named by many tensors, and one element
 * many times: all of them together have a budget.
 * @param fileBytes the size of the file
 */
export function tensorReader(
  { storageBytes }: PthContents,
  fileBytes: number,
  source: string,
): (tensor: TorchTensor, name: string) => NdArray {
  const known = new Map<string, Uint8Array | null>();
  const budget = budgets.pickleCopies * fileBytes + 2 ** 20;
  let spent = 0;
  return ({ storage, offset, shape, strides }, name) => {
    const { key, elementCode: code, elements } = storage;
    if (!known.has(key)) known.set(key, storageBytes(key));
    const bytes = known.get(key);
    if (bytes == null) throw cannot('read', source, `it lacks the storage of ${name}`, 'a whole file is wanted');
    const size = storedSizes[code];
    if (bytes.length !== elements * size)
      throw cannot('read', source, `the storage of ${name} has ${bytes.length} bytes`, `${elements * size} are wanted`);
    const dtype = dtypeFor(code);
    const count = elementCount(shape);
    const dense = isDense(shape, strides);
    const span = dense || count === 0 ? count : 1 + shape.reduce((sum, n, axis) => sum + (n - 1) * strides[axis]!, 0);
    spent += (dense ? count : count + span) * itemSizes[dtype];
    if (!(spent <= budget))
      throw overBudget(source, `it has ${fileBytes} bytes, and tensors of more than ${budget}`, budget, 'bytes');
    const stored = bytes.subarray(offset * size, (offset + span) * size);
    const values = decodeStored(stored, { code, bigEndian: false, fortran: false }, [span]);
    return { dtype, shape, data: dense ? values : gather(values, shape, strides) };
  };
}

/** Whether the last axis is the fastest, without gaps. An axis of one element may have any stride. */
function isDense(shape: readonly number[], strides: readonly number[]): boolean {
  return shape.every((extent, axis) => extent === 1 || strides[axis] === elementCount(shape.slice(axis + 1)));
}
