import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parseNpz } from '../../harness/golden/npz.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { readImage, readImageSize } from './read-image.js';
import { readLabel, readLabelSize } from './read-label.js';

const folder = join(packageRoot, 'fixtures', 'transforms', 'decode');
const golden = parseNpz(await readFile(join(folder, 'decode.npz')), 'decode.npz');
const images = golden.keys.filter((key) => !key.endsWith('/grey') && !key.startsWith('label-'));
/** Kinds that are stored in grey. */
const grey = images.filter((name) => /grey|bilevel/.test(name));
const labels = golden.keys.filter((key) => key.startsWith('label-'));

t.equal(images.length, 40);
for (const name of images) {
  t.test(`${name} is read as OpenCV reads it`, async (t) => {
    const image = await readImage(join(folder, name));
    const { shape, data } = golden.read(name);
    t.strictSame([image.height, image.width, image.channels], shape);
    t.strictSame(Array.from(image.data), Array.from(data as Uint8Array));
    t.strictSame(await readImageSize(join(folder, name)), { width: shape[1], height: shape[0] });
  });
}

t.test('an image stored in grey is read as one channel, another is refused', async (t) => {
  t.equal(grey.length, 10);
  for (const name of grey) {
    const image = await readImage(join(folder, name), 1);
    const { shape, data } = golden.read(`${name}/grey`);
    t.strictSame([image.height, image.width, image.channels], [...shape, 1]);
    t.strictSame(Array.from(image.data), Array.from(data as Uint8Array), name);
  }
  const colours = images.filter((name) => !grey.includes(name));
  for (const name of colours) {
    const path = join(folder, name);
    const message = new RegExp(
      `^Cannot read the image ${path}: it is a (PNG|JPEG|BMP|TIFF|WebP) in colour and img_channels is 1; an image stored in grey is wanted$`,
    );
    await t.rejects(readImage(path, 1), { name: 'UserError', message });
    await t.rejects(readImageSize(path, 1), { name: 'UserError', message });
  }
});

t.equal(labels.length, 6);
for (const name of labels) {
  t.test(`${name} is read as Pillow reads it`, async (t) => {
    const label = await readLabel(join(folder, name));
    const { shape, data } = golden.read(name);
    t.strictSame([label.height, label.width], shape);
    t.strictSame(Array.from(label.data), Array.from(data as Uint8Array));
    t.strictSame(await readLabelSize(join(folder, name)), { width: shape[1], height: shape[0] });
  });
}

t.test('a label that stores no class numbers is refused in a sentence', async (t) => {
  const wanted = 'a PNG of class numbers is wanted, 8-bit grey or with a palette';
  for (const [name, why, fix = 'store the class numbers so'] of [
    ['label-16.png', 'its pixels are grey of 16 bits'],
    ['label-rgb.png', 'its pixels are RGB of 8 bits'],
    ['rgba.png', 'its pixels are RGBA of 8 bits'],
    ['photo.jpg', 'it is not a PNG'],
    ['none.png', 'there is no such file', 'its path'],
  ] as const) {
    const message = `Cannot read the label ${join(folder, name)}: ${why}; ${wanted}. Fix: ${fix}`;
    await t.rejects(readLabel(join(folder, name)), { name: 'UserError', message });
    await t.rejects(readLabelSize(join(folder, name)), { name: 'UserError', message });
  }
});

t.test('a damaged file is refused in a sentence that names it', async (t) => {
  const scratch = t.testdir({});
  const names = ['rgb.png', 'photo.jpg', 'kind-rgb.bmp', 'kind-rgb.tif', 'kind-lossless.webp', 'label-grey.png'];
  for (const name of names) {
    const bytes = await readFile(join(folder, name));
    const path = join(scratch, name);
    await writeFile(path, bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    const kind = name.startsWith('label') ? 'label' : 'image';
    const read: Promise<unknown> = kind === 'label' ? readLabel(path) : readImage(path);
    await t.rejects(read, {
      name: 'UserError',
      message: new RegExp(`^Cannot read the ${kind} ${path}: .*\\w; a PNG.* is wanted.*\\. Fix: copy the file again`),
    });
  }
  await t.rejects(readImage(join(scratch, 'none.png')), {
    message: `Cannot read the image ${join(scratch, 'none.png')}: there is no such file; a PNG, JPEG, BMP, TIFF or WebP file is wanted. Fix: its path`,
  });
});
