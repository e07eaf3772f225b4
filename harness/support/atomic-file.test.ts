import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { validateWritable, writeAtomicFile } from './atomic-file.js';

t.test('a file is written, its folders made, and nothing else is left', async (t) => {
  const folder = join(t.testdir(), 'a', 'b');
  await writeAtomicFile(join(folder, 'x.txt'), 'first');
  await writeAtomicFile(join(folder, 'x.txt'), Uint8Array.of(0x32, 0x6e, 0x64));
  t.equal(await readFile(join(folder, 'x.txt'), 'utf8'), '2nd');
  t.same(await readdir(folder), ['x.txt']);
});

t.test('a write that fails leaves the old file and no temporary one', async (t) => {
  const folder = t.testdir();
  await mkdir(join(folder, 'x.txt'));
  await writeFile(join(folder, 'x.txt', 'kept'), '');
  await t.rejects(writeAtomicFile(join(folder, 'x.txt'), 'new'), {
    name: 'UserError',
    message: /^Cannot write .*x\.txt: it is a folder; a place that can be written is wanted$/,
  });
  t.same(await readdir(folder), ['x.txt']);
  await t.rejects(writeAtomicFile(join(folder, 'x.txt', 'kept', 'y'), 'new'), {
    message: /y: a part of its folder is a file; a place/,
    cause: { code: /^(EEXIST|ENOTDIR)$/ },
  });
});

t.test('a place is tried before it is needed, and left as it was', async (t) => {
  const folder = t.testdir({ 'x.txt': 'old', taken: {} });
  await validateWritable(join(folder, 'x.txt'));
  await validateWritable(join(folder, 'new', 'y.txt'));
  t.equal(await readFile(join(folder, 'x.txt'), 'utf8'), 'old');
  t.same(await readdir(join(folder, 'new')), []);
  await t.rejects(validateWritable(join(folder, 'taken')), { name: 'UserError', message: /taken: it is a folder; / });
  await t.rejects(validateWritable(join(folder, 'x.txt', 'y')), { message: /y: a part of its folder is a file; / });
  t.same((await readdir(folder)).sort(), ['new', 'taken', 'x.txt']);
});

t.test('writers at once leave one whole file', async (t) => {
  const path = join(t.testdir(), 'x.txt');
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
  await Promise.all(texts.map((text) => writeAtomicFile(path, text)));
  t.ok(texts.includes(await readFile(path, 'utf8')));
  t.same(await readdir(join(path, '..')), ['x.txt']);
});

t.test('a pipe or a device is written to and stays one', async (t) => {
  const path = join(t.testdir(), 'pipe');
  await execa('mkfifo', [path]);
  const reader = execa('cat', [path]);
  await validateWritable(path);
  await writeAtomicFile(path, 'through');
  t.equal((await reader).stdout, 'through');
  t.ok((await stat(path)).isFIFO());
});
