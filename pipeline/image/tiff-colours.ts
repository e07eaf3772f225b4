import type { TiffLayout } from './tiff-layout.js';
import { UnreadKind } from './unread-kind.js';

/** How the samples of a TIFF become 8-bit colours. */
export interface TiffColours {
  readonly grey: boolean;
  /** RGB of 16 bits: each is rounded to a 257th. Of grey ones, and of PNGs, the upper 8 bits are taken. */
  readonly rounds16: boolean;
  /** RGB that is multiplied by its alpha, which stands beside it in the file. */
  readonly timesAlpha: boolean;
}

/**
 * What OpenCV makes of a TIFF's samples, through TIFFReadRGBAStrip; refused is what it cannot read, or what cannot be
 * read as it does. Source: TiffDecoder::readData of modules/imgcodecs/src/grfmt_tiff.cpp, OpenCV 4.12; tif_getimage.c
 * of libtiff 4.7.
 * @throws UnreadKind
 */
export function tiffColours(layout: TiffLayout): TiffColours {
  const { bits, sampleFormats, photometric, samples, extraSamples, orientation } = layout;
  const depth = bits[0]!;
  const kind = sampleFormats.find((format) => format !== whole);
  if (kind !== undefined)
    throw unread(
      `${sampleKinds[kind] ?? `format ${kind}`}${depth} samples`,
      'whole numbers of 8 or 16 bits are wanted',
    );
  if (![1, 8, 16].includes(depth) || bits.some((other) => other !== depth))
    throw unread(`samples of ${[...new Set(bits)].join(' and ')} bits`, '8 or 16 are wanted');
  if (orientation > 4)
    throw unread(`orientation ${orientation}`, 'OpenCV reads none that changes places of width and height');
  const [extra = unspecified] = extraSamples;
  const grey = photometric === whiteIsZero || photometric === blackIsZero;
  const plain = { grey, rounds16: false, timesAlpha: false };
  if (grey && (samples === 1 || (samples === 2 && depth > 1 && extra !== associated))) return plain;
  if (photometric === indexed && samples === 1 && depth === 8) return plain;
  if (photometric === yCbCr && samples === 3 && depth === 8 && layout.compression === jpeg) return plain;
  if (photometric === rgb && depth > 1 && (samples === 3 || (samples === 4 && extra !== associated)))
    return { grey, rounds16: depth === 16, timesAlpha: samples === 4 && extra === unassociated };
  throw unread(
    `${colourKinds[photometric] ?? `colours of kind ${photometric}`} with ${samples} samples of ${depth} bits`,
    'RGB, grey or a palette is wanted, with one alpha at most that is not multiplied in',
  );
}

const whole = 1;
const sampleKinds: Readonly<Record<number, string>> = {
  2: 'int',
  3: 'float',
  4: 'untyped',
  5: 'complex int',
  6: 'complex float',
};
const [whiteIsZero, blackIsZero, rgb, indexed, yCbCr] = [0, 1, 2, 3, 6];
const colourKinds: Readonly<Record<number, string>> = {
  0: 'grey',
  1: 'grey',
  2: 'RGB',
  3: 'a palette',
  5: 'CMYK',
  6: 'YCbCr',
  8: 'Lab',
  32844: 'LogL',
  32845: 'LogLuv',
};
const [unspecified, associated, unassociated] = [0, 1, 2];
const jpeg = 7;

function unread(what: string, wanted: string): UnreadKind {
  return new UnreadKind(`it is a TIFF of ${what}; ${wanted}`);
}
