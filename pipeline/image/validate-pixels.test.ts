import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import t from 'tap';
import { crc32 } from '../../harness/golden/crc32.js';
import { decodePng } from './decode-png.js';
import { readImage, readImageSize } from './read-image.js';
import { readLabel, readLabelSize } from './read-label.js';
import { validatePixels } from './validate-pixels.js';

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

function header(width: number, height: number, depth = 8, colour = 0): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data[8] = depth;
  data[9] = colour;
  return chunk('IHDR', data);
}

const png = (...chunks: readonly Buffer[]) =>
  Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks, chunk('IEND', Buffer.alloc(0))]);
const pixels = chunk('IDAT', deflateSync(Buffer.alloc(2)));

t.test(
  'a header that claims more pixels than the budget is refused before anything is decoded, in every reader',
  async (t) => {
    const path = join(t.testdir(), 'bomb.png');
    await writeFile(path, png(header(2 ** 31 - 1, 1), pixels));
    const startedAt = process.cpuUsage();
    for (const [read, what] of [
      [readImage, 'image'],
      [readImageSize, 'image'],
      [readLabel, 'label'],
      [readLabelSize, 'label'],
    ] as const)
      await t.rejects(read(path), {
        name: 'UserError',
        message: `Cannot read the ${what} ${path}: it has 2147483647×1 pixels; at most 268435456 pixels are wanted (a budget, so that no small file asks for much)`,
      });
    t.ok(process.cpuUsage(startedAt).user < 2e6, 'at once');
  },
);

t.test('a second header, or one that comes late, changes nothing of that', async (t) => {
  t.throws(() => decodePng(png(header(1, 1), header(2 ** 31 - 1, 1), pixels), 'it'), {
    message: 'its chunk 2 is "IHDR"',
  });
  t.throws(() => decodePng(png(chunk('tEXt', Buffer.alloc(13)), header(1, 1), pixels), 'it'), {
    message: 'its chunk 1 is "tEXt"',
  });
  t.equal(decodePng(png(header(1, 1), pixels), 'it').width, 1);
});

t.test('data that unpack to far more than the header claims are refused before they are unpacked', async (t) => {
  const path = join(t.testdir(), 'bomb.png');
  const rows = deflateSync(Buffer.alloc(100_000_000));
  const halves = [rows.subarray(0, 100), rows.subarray(100)];
  await writeFile(path, png(header(1, 1), ...halves.map((data) => chunk('IDAT', data))));
  const before = process.memoryUsage.rss();
  // Not the label itself: what was unpacked is nothing to print.
  await t.rejects(
    readLabel(path).then(() => null),
    {
      name: 'UserError',
      message: `Cannot read the label ${path}: its data unpack to more than its 1×1 pixels take; at most 65540 bytes are wanted (a budget, so that no small file asks for much)`,
    },
  );
  t.ok(process.memoryUsage.rss() - before < 50e6, 'at once');
});

t.test('a depth or a colour type that no PNG has lets the data unpack to nothing', async (t) => {
  const rows = chunk('IDAT', deflateSync(Buffer.alloc(200_000_000)));
  const before = process.memoryUsage.rss();
  for (const [depth, colour] of [
    [255, 0],
    [0, 2],
    [3, 3],
    [8, 1],
    [8, 255],
  ] as const)
    t.throws(() => decodePng(png(header(2 ** 13, 2 ** 10, depth, colour), rows), 'it'), {
      message: `its header has the bit depth ${depth} and the colour type ${colour}`,
    });
  t.ok(process.memoryUsage.rss() - before < 50e6, 'at once');
});

t.test('a colour profile is not unpacked, and does not matter', async (t) => {
  const name = Buffer.from('profile\0\0', 'latin1');
  const profile = chunk('iCCP', Buffer.concat([name, deflateSync(Buffer.alloc(100_000_000))]));
  const before = process.memoryUsage.rss();
  const { width, data, iccEmbeddedProfile } = decodePng(png(header(1, 1), profile, pixels), 'it');
  t.strictSame([width, data.length, iccEmbeddedProfile?.profile.length], [1, 1, undefined]);
  t.ok(process.memoryUsage.rss() - before < 50e6, 'at once');
});

t.test('the largest picture of the budget is not refused for its size', async (t) => {
  validatePixels({ width: 2 ** 14, height: 2 ** 14 }, 'it');
  t.throws(() => validatePixels({ width: 2 ** 14, height: 2 ** 14 + 1 }, 'it'), { name: 'UserError' });
  t.throws(() => validatePixels({ width: Number.NaN, height: 1 }, 'it'), { name: 'UserError' });
});
