import { kMaxLength } from 'node:buffer';
import { inflateSync } from 'node:zlib';
import { type DecodedPng, decode } from 'fast-png';
import { overBudget } from '../../harness/support/budgets.js';
import { codeOf } from '../../harness/support/errors.js';
import { validatePixels } from './validate-pixels.js';

/**
 * Decodes a PNG whose header, which comes first and once, claims no more pixels than the budget, and whose data are no
 * more than those pixels take. Colour profile and texts are left out.
 * @param picture `the label x.png`, for that error
 * @throws UserError for more pixels or data; Error for a damaged file
 */
export function decodePng(bytes: Buffer, picture: string): DecodedPng {
  const chunks = chunksOf(bytes);
  for (const [at, { kind, data }] of chunks.entries()) {
    if ((kind === 'IHDR') !== (at === 0)) throw new Error(`its chunk ${at + 1} is ${JSON.stringify(kind)}`);
    if (at === 0) validatePixels(sizeOf(data), picture);
    if (kind === 'PLTE' && data.length > 256 * 3) throw new Error(`its palette has ${data.length / 3} colours`);
  }
  validateData(chunks, picture);
  const needed = chunks.filter(({ kind }) => !unpackedForNothing.has(kind)).map(({ whole }) => whole);
  return decode(Buffer.concat([bytes.subarray(0, signatureBytes), ...needed]));
}

/** The decoder unpacks and keeps them. */
const unpackedForNothing: ReadonlySet<string> = new Set(['iCCP', 'tEXt']);

const signatureBytes = 8;

interface Chunk {
  readonly kind: string;
  readonly data: Buffer;
  readonly whole: Buffer;
}

/** A length, a kind, the data, a CRC; the last may be cut. Source: the PNG specification, section 5.3. */
function chunksOf(bytes: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = signatureBytes; at + 8 <= bytes.length; ) {
    const end = at + bytes.readUInt32BE(at) + 12;
    const kind = bytes.toString('latin1', at + 4, at + 8);
    chunks.push({ kind, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) });
    at = end;
  }
  return chunks;
}

/**
 * Throws an Error for a header that was cut, or has what no PNG has: how much its data may unpack to follows from it.
 */
function sizeOf(header: Buffer): { readonly width: number; readonly height: number; readonly rowBytes: number } {
  if (header.length < 13) throw new Error('its header is cut');
  const width = header.readUInt32BE(0);
  const [depth, colour] = [header[8]!, header[9]!];
  const samples = samplesOf[colour];
  if (samples === undefined || !depths.includes(depth))
    throw new Error(`its header has the bit depth ${depth} and the colour type ${colour}`);
  return { width, height: header.readUInt32BE(4), rowBytes: Math.ceil((width * samples * depth) / 8) };
}

/** Bits of a sample. Source: the PNG specification, section 11.2.2, as of the colour types. */
const depths: readonly number[] = [1, 2, 4, 8, 16];

/** By colour type: grey, RGB, palette, grey with alpha, RGBA. */
const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** What is damaged is left to the decoder, which says so. */
function validateData(chunks: readonly Chunk[], picture: string): void {
  const { width, height, rowBytes } = sizeOf(chunks[0]?.data ?? Buffer.alloc(0));
  // A row has a byte more, its filter. Interlaced, rows are shorter and at most twice as many. Some writers fill their
  // last block.
  const most = Math.min(2 * height * (rowBytes + 1) + 2 ** 16, kMaxLength);
  try {
    const packed = chunks.filter(({ kind }) => kind === 'IDAT').map(({ data }) => data);
    inflateSync(Buffer.concat(packed), { maxOutputLength: most });
  } catch (error) {
    if (codeOf(error) !== 'ERR_BUFFER_TOO_LARGE') return;
    throw overBudget(picture, `its data unpack to more than its ${width}×${height} pixels take`, most, 'bytes');
  }
}
