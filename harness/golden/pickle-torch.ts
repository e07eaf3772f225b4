import { elementCount } from '../contract/nd-array.js';
import { overBudget } from '../support/budgets.js';
import { cannot } from '../support/errors.js';
import type { PickleDialect } from './pickle-dialect.js';
import { numpyDialect } from './pickle-numpy.js';
import { isCount, kindOf, maxAxes, type PickleValue } from './pickle-value.js';
import type { StoredCode } from './stored-elements.js';
import { PassedOver, TorchStorage, TorchTensor } from './torch-value.js';

/** torch's classes of storages (torch/storage.py), by the names that its pickles give them. */
const storages: ReadonlyMap<string, StoredCode> = new Map([
  ['torch.FloatStorage', 'f4'],
  ['torch.DoubleStorage', 'f8'],
  ['torch.HalfStorage', 'f2'],
  ['torch.BFloat16Storage', 'bf16'],
  ['torch.LongStorage', 'i8'],
  ['torch.IntStorage', 'i4'],
  ['torch.ShortStorage', 'i2'],
  ['torch.CharStorage', 'i1'],
  ['torch.ByteStorage', 'u1'],
  ['torch.BoolStorage', 'b1'],
]);

/** What stands beside weights in files of mmengine and timm, and is not looked at. */
const passedOver: ReadonlySet<string> = new Set([
  'mmengine.logging.history_buffer.HistoryBuffer',
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray.scalar',
  'argparse.Namespace',
  // By it a HistoryBuffer names its own methods.
  '__builtin__.getattr',
  'builtins.getattr',
]);

const [rebuildTensor, rebuildTensor2] = ['torch._utils._rebuild_tensor', 'torch._utils._rebuild_tensor_v2'];
const rebuildParameter = 'torch._utils._rebuild_parameter';

/** Pickles of torch.save: tensors are views of storages, which lie outside the pickle. */
export const torchDialect: PickleDialect = {
  holds: 'plain data and tensors',
  fix: 'its state_dict alone, saved again by torch.save',
  known: new Set([
    ...numpyDialect.known,
    ...storages.keys(),
    ...passedOver,
    ...[rebuildTensor, rebuildTensor2, rebuildParameter],
  ]),
  reduce(callable, args, source) {
    const name = nameOf(callable);
    const given = Array.isArray(args) ? args : [];
    if (name === rebuildTensor || name === rebuildTensor2) return tensorOf(given, source);
    // (data, requires_grad, hooks)
    if (name === rebuildParameter && given[0] instanceof TorchTensor) return given[0];
    return name !== null && passedOver.has(name) ? new PassedOver(name) : numpyDialect.reduce(callable, args, source);
  },
  readPersistent: storageOf,
  ignoresState: (target) => target instanceof PassedOver || target instanceof Map,
};

function nameOf(value: PickleValue): string | null {
  return value !== null && typeof value === 'object' && 'global' in value ? value.global : null;
}

/** ('storage', class, key, device, elements), and in old files a view of it, which is None. */
export function storageOf(id: PickleValue, source: string): TorchStorage {
  const [kind, type = null, key, , elements, view = null] = Array.isArray(id) ? id : [];
  const code = storages.get(nameOf(type) ?? '');
  if (kind === 'storage' && code !== undefined && typeof key === 'string' && isCount(elements) && view === null)
    return new TorchStorage(key, code, elements);
  const wanted = `${[...storages.keys()].join(', ')} is wanted`;
  throw cannot('read', source, `a storage of it is ${nameOf(type) ?? 'of no known class'}`, wanted);
}

/**
 * (storage, offset, shape, strides, requires_grad, hooks, metadata). What of it leaves the storage is refused before
 * anything is read.
 */
function tensorOf(given: readonly PickleValue[], source: string): TorchTensor {
  const [storage, offset, shape, strides, , , metadata = null] = given;
  if (!(storage instanceof TorchStorage))
    throw cannot('read', source, `a tensor's storage is ${kindOf(storage ?? null)}`, 'a storage is wanted');
  if (!isCount(offset) || !isCounts(shape) || !isCounts(strides) || shape.length !== strides.length)
    throw cannot('read', source, "a tensor's offset, shape or strides are no whole numbers", 'such are wanted');
  const last = shape.reduce((sum, extent, axis) => sum + (extent - 1) * strides[axis]!, offset);
  const count = elementCount(shape);
  if (count !== 0 && !(last < storage.elements))
    throw cannot(
      'read',
      source,
      `a tensor of shape [${shape.join(', ')}] reads element ${last} of its storage`,
      `the storage has ${storage.elements}`,
    );
  // NaN where an axis of none follows others whose product is Infinity.
  if (!Number.isSafeInteger(count))
    throw overBudget(source, `a tensor has the shape [${shape.join(', ')}]`, Number.MAX_SAFE_INTEGER, 'elements');
  // torch._utils.get_tensor_metadata: bits by which torch reads other numbers than its storage has.
  if (metadata !== null && !(metadata instanceof Map && metadata.size === 0)) {
    const fix = 'resolve_neg() of each tensor, saved again by torch.save';
    throw cannot('read', source, 'a tensor has metadata, such as a bit of negation', 'one without is wanted', fix);
  }
  // Copies: the pickle can still append to its own lists.
  return new TorchTensor(storage, offset, [...shape], [...strides]);
}

function isCounts(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.length <= maxAxes && value.every(isCount);
}
