import { cannot } from '../support/errors.js';
import { crc32 } from './crc32.js';
import { parseFirstPickle } from './pickle.js';
import { torchDialect } from './pickle-torch.js';
import type { PthContents } from './read-tensor.js';
import { parseZipDirectory, type ZipEntry } from './zip-directory.js';

/**
 * The zip that torch.save has written since PyTorch 1.6: `<folder>/data.pkl`, and a file `<folder>/data/<key>` for each
 * storage, all stored as they are (torch/serialization.py, caffe2/serialize/inline_container.h).
 */
export function openZippedPth(bytes: Uint8Array, source: string): PthContents {
  const entries = parseZipDirectory(bytes, source);
  const [path, another] = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (path === undefined || another !== undefined)
    throw cannot('read', source, 'it is a zip that torch.save did not write', 'one with a data.pkl is wanted');
  const folder = path.slice(0, -'data.pkl'.length);
  if (entries.has(`${folder}constants.pkl`))
    throw cannot('read', source, 'it is a program of TorchScript', 'a state_dict that torch.save wrote is wanted');
  const bytesOf = (name: string): Uint8Array | null => {
    const entry = entries.get(folder + name);
    return entry === undefined ? null : readStored(entry, source);
  };
  const order = bytesOf('byteorder');
  if (order !== null && Buffer.from(order).toString('latin1') !== 'little')
    throw cannot('read', source, 'its numbers are not little-endian', 'such are wanted');
  const pickle = bytesOf('data.pkl')!;
  const { value, byteLength } = parseFirstPickle(pickle, source, torchDialect);
  if (byteLength < pickle.length)
    throw cannot('read', source, `${pickle.length - byteLength} bytes follow its pickle`, 'a whole file is wanted');
  return { root: value, storageBytes: (key) => bytesOf(`data/${key}`) };
}

function readStored({ name, method, packed, crc32: expected }: ZipEntry, source: string): Uint8Array {
  if (method !== 'stored') throw cannot('read', source, `entry ${name} is packed`, 'one that is only stored is wanted');
  if (crc32(packed) !== expected)
    throw cannot('read', source, `the CRC of entry ${name} is wrong`, 'an undamaged zip is wanted');
  return packed;
}
