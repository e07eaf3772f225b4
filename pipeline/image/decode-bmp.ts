import type { Raster } from './raster.js';

/** What the headers of a BMP say. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Every colour that it can hold is grey. */
  readonly grey: boolean;
  readonly bits: number;
  readonly green: '555' | '565';
  readonly topDown: boolean;
  readonly offset: number;
  /** [red, green, blue] of each index, for 8 bits and fewer. */
  readonly palette: readonly (readonly [number, number, number])[];
}

/** Bytes that hold both headers and the largest palette. */
export const bmpHeaderBytes = 14 + 124 + 12 + 256 * 4;

/**
 * The headers of a BMP. Compressed ones (RLE, JPEG, PNG) and unusual colour masks are refused.
 * Source: BmpDecoder::readHeader of modules/imgcodecs/src/grfmt_bmp.cpp, OpenCV 4.12.
 * @param bytes from the file's start: bmpHeaderBytes, or the file where it is shorter
 * @throws Error whose message says what is wrong, for use in a sentence about the file
 */
export function parseBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 26) throw new Error('the file ends within its header');
  const size = view.getUint32(14, true);
  if (size !== 12 && (size < 36 || size > 124)) throw new Error(`it is a BMP with a header of ${size} bytes`);
  if (bytes.length < 14 + size) throw new Error('the file ends within its header');
  const old = size === 12;
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const rows = old ? view.getUint16(20, true) : view.getInt32(22, true);
  if (width <= 0 || rows === 0) throw new Error(`it is a BMP of ${width}×${rows} pixels`);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? 0 : view.getUint32(30, true);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw new Error(`it is a BMP of ${bits} bits`);
  const palette = bits <= 8 ? readPalette(view, size, bits) : [];
  return {
    width,
    height: Math.abs(rows),
    grey: bits <= 8 && palette.every(([red, green, blue]) => red === green && green === blue),
    bits,
    green: readMasks(view, size, bits, compression),
    topDown: rows < 0,
    offset: view.getUint32(10, true),
    palette,
  };
}

/**
 * The pixels of a BMP: grey where every colour of its palette is, else RGB.
 *
 * Shapes: [h, w, 1 or 3]. Range: 0 to 255.
 * Source: BmpDecoder::readData; 5 and 6 bits are shifted to the top of a byte, alpha is dropped.
 * @throws Error as parseBmpHeader does, and for a file that ends too early
 */
export function decodeBmp(bytes: Uint8Array): Raster<Uint8Array> {
  const header = parseBmpHeader(bytes);
  const { width, height, bits, topDown, offset } = header;
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (offset + stride * height > bytes.length) throw new Error(`the file ends after ${bytes.length} bytes`);
  const channels = header.grey ? 1 : 3;
  const data = new Uint8Array(width * height * channels);
  const fill = bits <= 8 ? fillIndexed : bits === 16 ? fillShort : fillBytes;
  for (let y = 0; y < height; y++) {
    const row = bytes.subarray(offset + (topDown ? y : height - 1 - y) * stride).subarray(0, stride);
    fill(row, data.subarray(y * width * channels, (y + 1) * width * channels), header);
  }
  return { height, width, channels, data };
}

/** Colours that a palette leaves out are black. */
function readPalette(view: DataView, size: number, bits: number): BmpHeader['palette'] {
  const old = size === 12;
  const most = 2 ** bits;
  const used = old ? 0 : view.getUint32(46, true);
  if (used > 256) throw new Error(`it is a BMP with a palette of ${used} colours`);
  const count = used === 0 ? most : used;
  const [start, step] = [14 + size, old ? 3 : 4];
  if (view.byteLength < start + count * step) throw new Error('the file ends within its palette');
  return Array.from({ length: most }, (_, index) => {
    const at = start + index * step;
    return index < count ? [view.getUint8(at + 2), view.getUint8(at + 1), view.getUint8(at)] : [0, 0, 0];
  });
}

function readMasks(view: DataView, size: number, bits: number, compression: number): BmpHeader['green'] {
  const [plain, fields] = [0, 3];
  if (compression === plain) return '555';
  if (compression !== fields || bits < 16 || bits === 24)
    throw new Error(`it is a compressed BMP (method ${compression})`);
  const from = 14 + 40; // beside a header of 40 bytes, or in a longer one
  if (view.byteLength < from + 12 || size < 40) throw new Error('the file ends within its header');
  const masks = [0, 4, 8].map((at) => view.getUint32(from + at, true).toString(16)).join(' ');
  if (bits === 32 && masks === 'ff0000 ff00 ff') return '555';
  if (bits === 16 && masks === '7c00 3e0 1f') return '555';
  if (bits === 16 && masks === 'f800 7e0 1f') return '565';
  throw new Error(`it is a BMP with the colour masks ${masks}`);
}

function fillIndexed(row: Uint8Array, pixels: Uint8Array, { width, bits, grey, palette }: BmpHeader): void {
  const perByte = 8 / bits;
  for (let x = 0, at = 0; x < width; x++) {
    const shift = 8 - bits * ((x % perByte) + 1);
    const colour = palette[(row[Math.floor(x / perByte)]! >> shift) & (2 ** bits - 1)]!;
    if (grey) pixels[at++] = colour[0];
    else for (const value of colour) pixels[at++] = value;
  }
}

/** Source: icvCvt_BGR5552BGR and icvCvt_BGR5652BGR of modules/imgcodecs/src/utils.cpp. */
function fillShort(row: Uint8Array, pixels: Uint8Array, { width, green }: BmpHeader): void {
  for (let x = 0, at = 0; x < width; x++) {
    const word = row[2 * x]! | (row[2 * x + 1]! << 8);
    pixels[at++] = green === '565' ? (word >> 8) & 0xf8 : (word >> 7) & 0xf8;
    pixels[at++] = green === '565' ? (word >> 3) & 0xfc : (word >> 2) & 0xf8;
    pixels[at++] = (word << 3) & 0xf8;
  }
}

function fillBytes(row: Uint8Array, pixels: Uint8Array, { width, bits }: BmpHeader): void {
  const step = bits / 8;
  for (let x = 0, at = 0; x < width; x++)
    for (let channel = 2; channel >= 0; channel--) pixels[at++] = row[x * step + channel]!;
}
