import type { DecodedPng } from 'fast-png';
import { cannot, messageOf, UserError } from '../../harness/support/errors.js';
import { whyUnread } from '../../harness/support/explain-system.js';
import { refuseLfsPointer } from '../../harness/support/lfs-pointer.js';
import { readPlain } from '../../harness/support/plain-file.js';
import { decodePng } from './decode-png.js';
import { readHead } from './picture-format.js';
import type { LabelMap } from './raster.js';
import { validatePixels } from './validate-pixels.js';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const headerBytes = 29;
const colourTypes: Readonly<Record<number, string>> = {
  0: 'grey',
  2: 'RGB',
  3: 'palette',
  4: 'grey with alpha',
  6: 'RGBA',
};
/** What stores classes: grey and palette. Pillow spreads grey of 2 and 4 bits to 0..255, so those are refused. */
const readable = new Set(['grey 8', 'grey 1', 'palette 8', 'palette 4', 'palette 2', 'palette 1']);

/**
 * Reads a label map from a PNG: the numbers as they are stored, which in a palette image are the colours' places.
 *
 * Shapes: [h, w]. Range: 0 to 255. Source: numpy.asarray(Image.open(path)) of Pillow 12, as PaddleSeg's Compose reads
 * labels. Differs: other formats, 16 bits, RGB and alpha are refused; Pillow reads them and training goes wrong, or
 * fails, later.
 * @throws UserError
 */
export async function readLabel(path: string): Promise<LabelMap> {
  return decodeLabel(await readLabelBytes(path), path);
}

/** The file of a label, as `decodeLabel` takes it. Throws a UserError for what cannot be read. */
export async function readLabelBytes(path: string): Promise<Buffer> {
  return readBytes(() => readPlain(path), path);
}

/** As `readLabel`, of a file's bytes. @param path for errors */
export function decodeLabel(bytes: Buffer, path: string): LabelMap {
  const header = parseHeader(bytes, path);
  const decoded = decodeBits(bytes, path);
  const data = header.bits === 8 ? new Uint8Array(decoded.data) : unpackBits(decoded, header.bits);
  return { height: header.height, width: header.width, channels: 1, data };
}

/** Width and height from the file's first bytes, which also say whether `readLabel` can read its kind. */
export async function readLabelSize(path: string): Promise<{ readonly width: number; readonly height: number }> {
  const bytes = await readBytes(() => readHead(path, headerBytes), path);
  const { width, height } = parseHeader(bytes, path);
  return { width, height };
}

async function readBytes(read: () => Promise<Buffer>, path: string): Promise<Buffer> {
  try {
    return await read();
  } catch (error) {
    const why = whyUnread(error, path);
    throw labelError(path, why, 'its path');
  }
}

function parseHeader(bytes: Buffer, path: string): { width: number; height: number; bits: number } {
  refuseLfsPointer(bytes, `the label ${path}`);
  if (bytes.length < headerBytes || !bytes.subarray(0, 8).equals(signature)) throw labelError(path, 'it is not a PNG');
  const bits = bytes[24]!;
  const kind = colourTypes[bytes[25]!] ?? 'of an unknown kind';
  if (!readable.has(`${kind} ${bits}`)) throw labelError(path, `its pixels are ${kind} of ${bits} bits`);
  if (bits < 8 && bytes[28] !== 0) throw labelError(path, `it is interlaced, at ${bits} bits`);
  const size = { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  validatePixels(size, `the label ${path}`);
  return { ...size, bits };
}

function decodeBits(bytes: Buffer, path: string): DecodedPng {
  try {
    return decodePng(bytes, `the label ${path}`);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw labelError(path, messageOf(error).replace(/[\s.:;]+$/, ''), 'copy the file again');
  }
}

/** Rows begin at whole bytes; the first pixel is in the highest bits. */
function unpackBits({ data, width, height }: DecodedPng, bits: number): Uint8Array {
  const rowBytes = Math.ceil((width * bits) / 8);
  const mask = 2 ** bits - 1;
  const values = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let bit = 0; bit < width * bits; bit += bits, at++) {
      values[at] = (data[y * rowBytes + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask;
    }
  }
  return values;
}

function labelError(path: string, why: string, fix = 'store the class numbers so'): UserError {
  const wanted = 'a PNG of class numbers is wanted, 8-bit grey or with a palette';
  return cannot('read', `the label ${path}`, why, wanted, fix);
}
