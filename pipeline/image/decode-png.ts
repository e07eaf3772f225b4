import { type DecodedPng, decode } from 'fast-png';
import { validatePixels } from './validate-pixels.js';

/**
 * Decodes a PNG whose header, which comes first and once, claims no more pixels than the budget.
 * @param picture `the label x.png`, for that error
 * @throws UserError for more pixels; Error for a damaged file
 */
export function decodePng(bytes: Buffer, picture: string): DecodedPng {
  for (const [at, { kind, start }] of chunksOf(bytes).entries()) {
    if ((kind === 'IHDR') !== (at === 0)) throw new Error(`its chunk ${at + 1} is ${JSON.stringify(kind)}`);
    if (at === 0) validatePixels({ width: bytes.readUInt32BE(start), height: bytes.readUInt32BE(start + 4) }, picture);
  }
  return decode(bytes);
}

/** A length, a kind, the data, a CRC. Source: the PNG specification, section 5.3. */
function chunksOf(bytes: Buffer): { readonly kind: string; readonly start: number }[] {
  const chunks: { kind: string; start: number }[] = [];
  for (let at = 8; at + 16 <= bytes.length; at += bytes.readUInt32BE(at) + 12)
    chunks.push({ kind: bytes.toString('latin1', at + 4, at + 8), start: at + 8 });
  return chunks;
}
