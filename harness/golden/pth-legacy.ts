import { cannot } from '../support/errors.js';
import { ByteCursor } from './byte-cursor.js';
import { parseFirstPickle } from './pickle.js';
import { storageOf, torchDialect } from './pickle-torch.js';
import { kindOf, type PickleValue } from './pickle-value.js';
import type { PthContents } from './read-tensor.js';
import { storedSizes } from './stored-elements.js';
import type { TorchStorage } from './torch-value.js';

/** The pickle of torch's magic number 0x1950a86a20f9469cfc6c, in protocol 2 (torch/serialization.py). */
const magic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');
const protocolVersion = 1001;

export function isLegacyPth(bytes: Uint8Array): boolean {
  return magic.equals(bytes.subarray(0, magic.length));
}

/**
 * What torch.save wrote before PyTorch 1.6: five pickles (the magic number, a version, the machine, what was saved, the
 * keys of its storages), then each storage, with the number of its elements before it.
 */
export function openLegacyPth(bytes: Uint8Array, source: string): PthContents {
  const storages = new Map<string, TorchStorage>();
  const readPersistent = (id: PickleValue) => {
    const storage = storageOf(id, source);
    storages.set(storage.key, storage);
    return storage;
  };
  let at = magic.length;
  const next = (): PickleValue => {
    const found = parseFirstPickle(bytes.subarray(at), source, { ...torchDialect, readPersistent });
    at += found.byteLength;
    return found.value;
  };
  const [version, machine, root, keys] = [next(), next(), next(), next()];
  if (version !== protocolVersion)
    throw cannot('read', source, 'its version of the format is another', `${protocolVersion} is wanted`);
  if (!(machine instanceof Map) || machine.get('little_endian') !== true)
    throw cannot('read', source, 'its numbers are not little-endian', 'such are wanted');
  const found = locateStorages(bytes.subarray(at), keys, storages, source);
  return { root, storageBytes: (key) => found.get(key) ?? null };
}

function locateStorages(
  bytes: Uint8Array,
  keys: PickleValue,
  storages: ReadonlyMap<string, TorchStorage>,
  source: string,
): Map<string, Uint8Array> {
  const cursor = new ByteCursor(bytes, () =>
    cannot('read', source, 'a storage of it is cut off', 'a whole file is wanted'),
  );
  const found = new Map<string, Uint8Array>();
  if (!Array.isArray(keys))
    throw cannot('read', source, `its storages are ${kindOf(keys)}`, 'a list of keys is wanted');
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined)
      throw cannot('read', source, 'it has a storage that no tensor names', 'an undamaged file is wanted');
    found.set(storage.key, cursor.take(cursor.uint64() * storedSizes[storage.elementCode]));
  }
  if (cursor.remaining > 0)
    throw cannot('read', source, `${cursor.remaining} bytes follow its last storage`, 'a whole file is wanted');
  return found;
}
