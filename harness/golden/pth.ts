import type { NdArray } from '../contract/nd-array.js';
import { cannot } from '../support/errors.js';
import { refuseLfsPointer } from '../support/lfs-pointer.js';
import { describeNoPickle } from './pdparams.js';
import { kindOf, type PickleValue } from './pickle-value.js';
import { isLegacyPth, openLegacyPth } from './pth-legacy.js';
import { openZippedPth } from './pth-zip.js';
import { type PthContents, tensorReader } from './read-tensor.js';
import { PassedOver, TorchTensor } from './torch-value.js';

/**
 * Parses a file of torch.save: a dict that holds a state_dict as `state_dict` or `model`, as checkpoints of mmengine
 * and timm do, or a state_dict itself. Reads the zips that PyTorch has written since 1.6, and the files before them.
 * Only the tensors of the state_dict are unpacked; float16 and bfloat16 become f4, smaller integers the next that
 * bundles have.
 * @param source names the file, for errors
 * @throws UserError for a Git LFS pointer, another sort of file, a pickle that names other classes or functions, and a
 *   state_dict that does not hold tensors alone
 */
export function parsePth(bytes: Uint8Array, source: string): Map<string, NdArray> {
  const contents = openPth(bytes, source);
  const read = tensorReader(contents, bytes.length, source);
  const arrays = new Map<string, NdArray>();
  for (const [key, value] of findStateDict(contents.root, source)) {
    if (typeof key !== 'string') throw cannot('read', source, `a key of it is ${kindOf(key)}`, 'a name is wanted');
    if (!(value instanceof TorchTensor))
      throw cannot('read', source, `${key} is ${nameKind(value)}`, 'a tensor is wanted');
    arrays.set(key, read(value, key));
  }
  return arrays;
}

function openPth(bytes: Uint8Array, source: string): PthContents {
  refuseLfsPointer(bytes, source);
  if (bytes.length === 0) throw cannot('read', source, 'it is empty', wanted);
  if (isLegacyPth(bytes)) return openLegacyPth(bytes, source);
  if (Buffer.from(bytes.subarray(0, 2)).toString('latin1') === 'PK') return openZippedPth(bytes, source);
  const kind = bytes[0] === 0x80 ? 'a pickle that torch.save did not write' : describeNoPickle(bytes);
  throw cannot('read', source, `it is ${kind}`, wanted);
}

const wanted = 'a file of torch.save is wanted';

/** Where checkpoints hold the state_dict. Tensors can stand beside it, as best_acc1 does in PyTorch's own example. */
const holders = ['state_dict', 'model'];

function findStateDict(root: PickleValue, source: string): Map<PickleValue, PickleValue> {
  const held = root instanceof Map ? holders.map((key) => root.get(key)) : [];
  for (const dict of [...held, root])
    if (dict instanceof Map && [...dict.values()].some((value) => value instanceof TorchTensor)) return dict;
  const is = root instanceof Map ? `a dict without tensors, and none in its ${holders.join(' or ')}` : nameKind(root);
  throw cannot('read', source, `it holds ${is}`, 'a state_dict is wanted');
}

function nameKind(value: PickleValue): string {
  if (value instanceof TorchTensor) return 'a tensor';
  return value instanceof PassedOver ? `an object of ${value.className}` : kindOf(value);
}
