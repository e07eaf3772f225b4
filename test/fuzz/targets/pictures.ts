import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { crc32 } from '../../../harness/golden/crc32.js';
import { packageRoot } from '../../../harness/support/package-root.js';
import { loadSharp } from '../../../pipeline/image/load-sharp.js';
import { readImage } from '../../../pipeline/image/read-image.js';
import { readLabel } from '../../../pipeline/image/read-label.js';
import { renderBmp } from '../../cases/attack-files.js';
import type { FuzzTarget } from '../fuzz-target.js';

const [width, height] = [24, 16];
const label = Uint8Array.from({ length: width * height }, (_, at) => at % 5);
const colours = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 7) % 256);
const palette = [0, 1, 2, 3, 4].map((value): [number, number, number] => [value * 40, 0, 255 - value]);

export const pictureTargets: readonly FuzzTarget[] = [
  {
    ...{ name: 'png label', file: 'label.png', isText: false },
    samples: async () => [
      encode({ width, height, channels: 1, depth: 8, data: label }),
      encode({ width, height, channels: 1, depth: 8, data: label, palette } as never),
    ],
    repair: repairPng,
    read: readLabel,
  },
  {
    ...{ name: 'png', file: 'picture.png', isText: false },
    samples: async () => [encode({ width, height, channels: 3, depth: 8, data: colours })],
    repair: repairPng,
    read: (path) => readImage(path),
  },
  {
    ...{ name: 'grey', file: 'picture.png', isText: false },
    samples: async () => [encode({ width, height, channels: 1, depth: 8, data: label }), renderGreyBmp()],
    repair: repairPng,
    read: (path) => readImage(path, 1),
  },
  {
    ...{ name: 'bmp', file: 'picture.bmp', isText: false },
    samples: async () => [renderBmp(width, height), renderGreyBmp()],
    read: (path) => readImage(path),
  },
  ...(['jpeg', 'tiff', 'webp'] as const).map(
    (format): FuzzTarget => ({
      ...{ name: format, file: `picture.${format}`, isText: false },
      async samples() {
        const sharp = await loadSharp();
        const raw = { width, height, channels: 3 as const };
        return [await sharp(colours, { raw }).toFormat(format).toBuffer()];
      },
      read: (path) => readImage(path),
    }),
  ),
  {
    ...{ name: 'palette label', file: 'label.png', isText: false },
    samples: async () => [
      await readFile(
        join(
          packageRoot,
          'fixtures',
          'street',
          'gtFine',
          'val',
          'street',
          'street_000000_000019_gtFine_labelTrainIds.png',
        ),
      ),
    ],
    read: readLabel,
  },
];

/** Of 8 bits, with a palette of 256 greys. */
function renderGreyBmp(): Buffer {
  const head = renderBmp(width, height).subarray(0, 54);
  head.writeUInt32LE(54 + 4 * 256, 10);
  head.writeUInt16LE(8, 28);
  const greys = Buffer.from(Array.from({ length: 256 }, (_, value) => [value, value, value, 0]).flat());
  return Buffer.concat([head, greys, label]);
}

/** Every chunk gets the checksum that its bytes have, so that what lies behind the check is reached. */
function repairPng(bytes: Uint8Array): Uint8Array {
  const repaired = Buffer.from(bytes);
  let at = 8;
  while (at + 12 <= repaired.length) {
    const end = at + 8 + repaired.readUInt32BE(at);
    if (end + 4 > repaired.length) break;
    repaired.writeUInt32BE(crc32(Uint8Array.from(repaired.subarray(at + 4, end))), end);
    at = end + 4;
  }
  return repaired;
}
