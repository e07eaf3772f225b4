import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { openPlain } from './plain-file.js';

/** SHA-256 of a plain file, in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await openPlain(path, (file) => pipeline(file.createReadStream({ autoClose: false }), hash));
  return hash.digest('hex');
}
