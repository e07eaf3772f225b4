import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { loadSharp } from './load-sharp.js';
import { readImage, readImageSize } from './read-image.js';

/** A TIFF of 2×2 pixels, all zero, by its tags. */
function tiff(given: Readonly<Record<number, number>>): Buffer {
  const tags = { 256: 2, 257: 2, 258: 8, 259: 1, 262: 1, 273: 200, 277: 1, 278: 2, 279: 64, ...given };
  const entries = Object.entries(tags).map(([tag, value]) => {
    const entry = Buffer.alloc(12);
    entry.writeUInt16LE(Number(tag), 0);
    entry.writeUInt16LE(4, 2);
    entry.writeUInt32LE(1, 4);
    entry.writeUInt32LE(value, 8);
    return entry;
  });
  const count = Buffer.from([entries.length, 0]);
  const bytes = Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), count, ...entries]);
  return Buffer.concat([bytes, Buffer.alloc(264 - bytes.length)]);
}

function bmp(header: Readonly<Record<number, number>>, length = 400): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.write('BM');
  const fields = { 10: 54, 14: 40, 18: 2, 22: 2, 26: 1 | (24 << 16), ...header };
  for (const [at, value] of Object.entries(fields)) bytes.writeInt32LE(value, Number(at));
  return bytes;
}

const whole = 'whole numbers of 8 or 16 bits are wanted';
const colours = 'RGB, grey or a palette is wanted, with one alpha at most that is not multiplied in';
const formats = 'a PNG, JPEG, BMP, TIFF or WebP file is wanted';
const [float, signed] = [3, 2];

const refused: readonly (readonly [name: string, bytes: Buffer, why: string])[] = [
  ['float32.tif', tiff({ 258: 32, 339: float }), `it is a TIFF of float32 samples; ${whole}`],
  ['float16.tif', tiff({ 258: 16, 339: float }), `it is a TIFF of float16 samples; ${whole}`],
  ['int16.tif', tiff({ 258: 16, 339: signed }), `it is a TIFF of int16 samples; ${whole}`],
  ['uint32.tif', tiff({ 258: 32 }), 'it is a TIFF of samples of 32 bits; 8 or 16 are wanted'],
  ['cmyk.tif', tiff({ 262: 5, 277: 4 }), `it is a TIFF of CMYK with 4 samples of 8 bits; ${colours}`],
  ['lab.tif', tiff({ 262: 8, 277: 3 }), `it is a TIFF of Lab with 3 samples of 8 bits; ${colours}`],
  ['ycbcr.tif', tiff({ 262: 6, 277: 3 }), `it is a TIFF of YCbCr with 3 samples of 8 bits; ${colours}`],
  ['multiplied.tif', tiff({ 262: 2, 277: 4, 338: 1 }), `it is a TIFF of RGB with 4 samples of 8 bits; ${colours}`],
  ['bands.tif', tiff({ 277: 5 }), `it is a TIFF of grey with 5 samples of 8 bits; ${colours}`],
  [
    'turned.tif',
    tiff({ 274: 6 }),
    'it is a TIFF of orientation 6; OpenCV reads none that changes places of width and height',
  ],
  ['picture.gif', Buffer.from('GIF89a\x01\0\x01\0', 'latin1'), `it is a GIF; ${formats}`],
  ['picture.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), `it is XML, as an SVG is; ${formats}`],
  ['gif.png', Buffer.from('GIF89a\x01\0\x01\0', 'latin1'), `it is a GIF; ${formats}`],
  ['array.png', Buffer.from('\x93NUMPY\x01\0', 'latin1'), `it is a NumPy array; ${formats}`],
  ['empty.png', Buffer.alloc(0), `the file is empty; ${formats}`],
  ['text.png', Buffer.from('hello'), `its content is of no such format; ${formats}`],
];

for (const [name, bytes, why] of refused) {
  t.test(`${name} is refused, which says: ${why}`, async (t) => {
    const path = join(t.testdir({}), name);
    await writeFile(path, bytes);
    const message = `Cannot read the image ${path}: ${why}. Fix: convert it, to a PNG of 8 bits for example`;
    await t.rejects(readImage(path), { name: 'UserError', message });
    await t.rejects(readImageSize(path), { name: 'UserError', message }, 'by its header, before a training starts');
  });
}

const damaged: readonly (readonly [name: string, bytes: Buffer, why: string])[] = [
  ['run-length.bmp', bmp({ 26: 1 | (8 << 16), 30: 1 }, 2000), 'it is a compressed BMP (method 1)'],
  ['masks.bmp', bmp({ 26: 1 | (32 << 16), 30: 3, 54: 1, 58: 2, 62: 4 }), 'it is a BMP with the colour masks 1 2 4'],
  ['header.bmp', bmp({ 14: 20 }), 'it is a BMP with a header of 20 bytes'],
  ['no-rows.bmp', bmp({ 22: 0 }), 'it is a BMP of 2×0 pixels'],
  ['two-bits.bmp', bmp({ 26: 1 | (2 << 16) }), 'it is a BMP of 2 bits'],
  ['palette.bmp', bmp({ 26: 1 | (8 << 16), 46: 300 }, 2000), 'it is a BMP with a palette of 300 colours'],
  ['short.bmp', bmp({}).subarray(0, 30), 'the file ends within its header'],
  ['directory.tif', tiff({}).subarray(0, 40), 'the file ends within its directory'],
  ['entries.tif', Buffer.from('II*\0\x08\0\0\0\xff\xff', 'latin1'), 'its directory has 65535 entries'],
];

for (const [name, bytes, why] of damaged) {
  t.test(`${name} is refused, which says: ${why}`, async (t) => {
    const path = join(t.testdir({}), name);
    await writeFile(path, bytes);
    const message = `Cannot read the image ${path}: ${why}; ${formats}. Fix: copy the file again, or convert it`;
    await t.rejects(readImage(path), { name: 'UserError', message });
    await t.rejects(readImageSize(path), { name: 'UserError', message });
  });
}

t.test('a BMP that promises more pixels than it holds takes no memory for them', async (t) => {
  const path = join(t.testdir({}), 'large.bmp');
  await writeFile(path, bmp({ 18: 2 ** 14, 22: 2 ** 14 }));
  await t.rejects(readImage(path), { message: /: the file ends after 400 bytes; / });
  await writeFile(path, bmp({ 18: 2 ** 31 - 1, 22: 2 ** 31 - 1 }));
  await t.rejects(readImage(path), {
    name: 'UserError',
    message: /: it has 2147483647×2147483647 pixels; at most 268435456 pixels are wanted/,
  });
});

t.test('a JPEG in CMYK is refused', async (t) => {
  const path = join(t.testdir({}), 'cmyk.jpg');
  const sharp = await loadSharp();
  const grey = sharp({ create: { width: 8, height: 8, channels: 3, background: '#777' } });
  await writeFile(path, await grey.toColourspace('cmyk').jpeg().toBuffer());
  const message = `Cannot read the image ${path}: it is a JPEG in CMYK; RGB or grey is wanted. Fix: convert it, to a PNG of 8 bits for example`;
  await t.rejects(readImage(path), { name: 'UserError', message });
  await t.rejects(readImageSize(path), { name: 'UserError', message });
});

t.test('a folder is not a picture', async (t) => {
  const path = t.testdir({});
  const message = `Cannot read the image ${path}: it is a folder; ${formats}. Fix: its path`;
  await t.rejects(readImage(path), { name: 'UserError', message });
});
