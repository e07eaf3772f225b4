import { execFileSync } from 'node:child_process';
import { linkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openInside, UnfitFile } from './open-inside.js';
import { packageRoot } from './package-root.js';

const read = (folder: string, name: string) => openInside(folder, name, (file) => file.readFile('utf8'));

t.test('a plain file in the folder is read, also through a link that stays inside', async (t) => {
  const folder = t.testdir({ a: { 'x.txt': 'x' } });
  symlinkSync('a/x.txt', join(folder, 'y.txt'));
  for (const name of ['a/x.txt', './a/../a/x.txt', 'y.txt']) t.equal(await read(folder, name), 'x');
  t.equal(await openInside(folder, 'y.txt', async (_, bytes) => bytes), 1);
  await t.rejects(read(folder, 'z.txt'), { code: 'ENOENT' });
});

t.test('a name that leaves the folder is not opened', async (t) => {
  const folder = t.testdir({ in: {}, 'x.txt': 'x' });
  for (const name of ['../x.txt', 'a/../../x.txt', join(folder, 'x.txt'), 'C:\\x', '..\\x.txt', 'x\0'])
    await t.rejects(
      read(join(folder, 'in'), name),
      new UnfitFile('leaves the folder; a relative path within it is wanted'),
    );
});

t.test('a link out, a second hard link, a folder and a pipe are told apart from a file, at once', async (t) => {
  const folder = t.testdir({ in: { folder: {} }, out: { 'x.txt': 'secret' } });
  const inside = join(folder, 'in');
  symlinkSync('../out/x.txt', join(inside, 'link'));
  symlinkSync('../out', join(inside, 'folders'));
  linkSync(join(folder, 'out', 'x.txt'), join(inside, 'hard'));
  execFileSync('mkfifo', [join(inside, 'pipe')]);
  const isLink = 'is a link that leaves the folder; a file within it is wanted';
  for (const [name, clause] of [
    ['link', isLink],
    ['folders/x.txt', isLink],
    ['hard', 'has a second name elsewhere (a hard link); a file of its own is wanted. Fix: copy it'],
    ['folder', 'is not a plain file; one is wanted'],
    ['pipe', 'is not a plain file; one is wanted'],
  ] as const)
    await t.rejects(read(inside, name), new UnfitFile(clause), name);
});

t.test('goldens of the package may have a second name', async (t) => {
  const folder = t.testdir();
  const shipped = join(packageRoot, 'fixtures');
  linkSync(join(shipped, 'README.md'), join(folder, 'README.md'));
  t.ok((await read(shipped, 'README.md')).length > 0);
  await t.rejects(read(folder, 'README.md'), { message: /^has a second name/ });
});
