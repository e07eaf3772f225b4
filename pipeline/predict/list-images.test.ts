import { copyFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../harness/support/package-root.js';
import { listImages, listImagesOfPaddleSeg, readImageList } from './list-images.js';
import { resultFolders } from './place-predictions.js';

const decode = join(packageRoot, 'fixtures', 'transforms', 'decode');

t.test('a picture of any name is a picture, not a list', async (t) => {
  const folder = t.testdir({});
  const sources = ['kind-rgb.tif', 'kind-lossy.webp', 'kind-rgb.bmp', 'rgb.png', 'photo.jpg'];
  for (const [at, source] of sources.entries()) {
    const path = join(folder, `picture${at}`);
    await copyFile(join(decode, source), path);
    t.strictSame(
      await readImageList(path),
      { images: [{ path, name: `picture${at}` }], passedOver: [], ownResults: [] },
      source,
    );
  }
});

t.test('a folder gives all its pictures, and the names of what it holds beside them', async (t) => {
  const folder = t.testdir({
    'notes.txt': 'nothing',
    '.hidden.png': '',
    below: { 'x.gif': 'GIF89a' },
    'z.jpg': 'damaged',
  });
  await copyFile(join(decode, 'kind-rgb.tif'), join(folder, 'below', 'b.tif'));
  await copyFile(join(decode, 'kind-rgb.bmp'), join(folder, 'c.BMP'));
  await copyFile(join(decode, 'kind-lossy.webp'), join(folder, 'a'));
  await symlink(join(folder, 'below'), join(folder, 'link'));
  await symlink(join(folder, 'gone'), join(folder, 'broken'));
  const { images, passedOver } = await readImageList(folder);
  const ofPaddleSeg = await listImagesOfPaddleSeg(folder);
  t.strictSame(
    images.map(({ name }) => name),
    ['a', 'below/b.tif', 'c.BMP', 'z.jpg'],
  );
  t.strictSame(passedOver, ['.hidden.png', 'below/x.gif', 'broken', 'link', 'notes.txt']);
  t.strictSame(
    ofPaddleSeg.map(({ name }) => name),
    ['c.BMP', 'z.jpg'],
    'PaddleSeg goes by the ending',
  );
  await t.rejects(listImagesOfPaddleSeg(join(folder, 'below')), {
    name: 'UserError',
    message: /: by its ending PaddleSeg takes none of 1 picture; at least one \.jpg, \.jpeg, \.bmp or \.png is wanted$/,
  });
});

t.test("a folder's own results are passed over, and of a folder of results none is", async (t) => {
  const folder = t.testdir({
    'a.png': '',
    out: {
      'b.png': '',
      added_prediction: { 'a.png': '', out: { 'b.png': '' } },
      pseudo_color_prediction: { 'a.png': '' },
    },
    added_prediction: { 'c.png': '' },
  });
  const results = resultFolders(join(folder, 'out'));
  const found = await readImageList(`${folder}/./`, results);
  t.strictSame(
    found.images.map(({ name }) => name),
    ['a.png', 'added_prediction/c.png', 'out/b.png'],
  );
  t.strictSame(found.passedOver, []);
  t.strictSame(found.ownResults, [
    'out/added_prediction/a.png',
    'out/added_prediction/out/b.png',
    'out/pseudo_color_prediction/a.png',
  ]);
  for (const named of ['out/added_prediction', 'out/added_prediction/a.png'])
    t.equal((await readImageList(join(folder, named), results)).ownResults.length, 0, named);
  await symlink(folder, join(folder, 'link'));
  t.equal((await readImageList(join(folder, 'link'), results)).ownResults.length, 3, 'by its real path');
});

t.test('a list names pictures, one a line', async (t) => {
  const folder = t.testdir({ 'list.txt': '\uFEFFa.tif label.png\n\n/b.png\n' });
  t.strictSame(await listImages(join(folder, 'list.txt')), [
    { path: join(folder, 'a.tif'), name: 'a.tif' },
    { path: '/b.png', name: '/b.png' },
  ]);
});

t.test('a list whose first picture is called BM… is a list, not a BMP', async (t) => {
  const folder = t.testdir({ list: 'BMW.jpg and more words\nb.png\n', short: 'BM.png\n' });
  t.strictSame(
    (await listImages(join(folder, 'list'))).map(({ name }) => name),
    ['BMW.jpg', 'b.png'],
  );
  t.strictSame(await listImages(join(folder, 'short')), [{ path: join(folder, 'BM.png'), name: 'BM.png' }]);
});

t.test('what is neither a picture nor a list is refused in a sentence', async (t) => {
  const wanted = 'a PNG, JPEG, BMP, TIFF or WebP file, a list of pictures in UTF-8 or a folder is wanted';
  const folder = t.testdir({
    'x.gif': 'GIF89a',
    pointer: 'version https://git-lfs.github.com/spec/v1\n',
    empty: '',
    data: Buffer.from([1, 0, 2]),
    latin: Buffer.from([0xe9, 0x2e, 0x70]),
  });
  for (const [name, why] of [
    ['x.gif', 'it is a GIF'],
    ['pointer', 'it is a Git LFS pointer, not the file (git lfs pull brings it)'],
    ['empty', 'the file is empty'],
    ['data', 'its content is of no such format'],
    ['latin', 'its content is of no such format'],
  ] as const) {
    const path = join(folder, name);
    await t.rejects(listImages(path), { name: 'UserError', message: `Cannot predict ${path}: ${why}; ${wanted}` });
  }
  const empty = t.testdir({ folder: { 'notes.txt': '' } });
  await t.rejects(listImages(join(empty, 'folder')), {
    message: `Cannot predict ${join(empty, 'folder')}: it names no picture; at least one, a PNG, JPEG, BMP, TIFF or WebP file, is wanted`,
  });
});
