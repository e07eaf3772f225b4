import { isLfsPointer, lfsPointer } from '../../harness/support/lfs-pointer.js';
import { openPlain } from '../../harness/support/plain-file.js';
import { describeZipFault, isZip } from './unpack-weights.js';

const wanted = 'a paddle.save file, a .safetensors, a .npz, or a .zip with one .pdparams is wanted';

/**
 * What keeps a file from being weights, or null. It looks at both ends only: a pickle begins with 0x80 and ends with
 * `.` (STOP), a safetensors file's header is JSON. What lies between is read by who loads it.
 */
export async function describeWeightsFault(path: string): Promise<string | null> {
  const { start, last } = await readEnds(path);
  if (start.length === 0) return `it is empty; ${wanted}`;
  const text = start.toString('latin1');
  if (/^\s*(<!doctype|<html|<\?xml|<head|<error)/i.test(text)) return `it is a web page; ${wanted}`;
  if (isLfsPointer(start)) return `${lfsPointer}; ${wanted}`;
  if (await isZip(path)) return describeZipFault(path);
  if (start[0] === 0x80) return last === 0x2e ? null : `it is a pickle without an end, cut off perhaps; ${wanted}`;
  if (start.length > 8 && start[8] === 0x7b) return null;
  return `it is neither a pickle nor a zip; ${wanted}`;
}

function readEnds(path: string): Promise<{ start: Buffer; last: number | undefined }> {
  return openPlain(path, async (file, bytes) => {
    const start = Buffer.alloc(Math.min(bytes, 256));
    await file.read(start, 0, start.length, 0);
    const last = Buffer.alloc(1);
    await file.read(last, 0, 1, Math.max(0, bytes - 1));
    return { start, last: last[0] };
  });
}
