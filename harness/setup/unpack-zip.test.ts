import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import t from 'tap';
import { unpackZip } from './unpack-zip.js';

const library = new Uint8Array(300_000).map((_, index) => index % 251);

t.test('only what is placed is unpacked, with its size, hash and mode', async (t) => {
  const folder = t.testdir();
  const zipPath = join(folder, 'wheel.whl');
  const program = [new Uint8Array([1]), { os: 3, attrs: (0o100755 << 16) >>> 0 }] as [Uint8Array, object];
  await writeFile(zipPath, zipSync({ 'pkg/lib.so.2': library, 'pkg/large.py': library, 'pkg/ptxas': program }));
  let bytes = 0;
  const place = (entry: string) => (entry.endsWith('.py') ? null : entry.slice('pkg/'.length));
  const files = await unpackZip(zipPath, join(folder, 'out'), place, (count) => {
    bytes += count;
  });
  t.same([...files.keys()].sort(), ['lib.so.2', 'ptxas']);
  t.equal(files.get('lib.so.2')?.size, library.length);
  t.equal(files.get('lib.so.2')?.sha256, createHash('sha256').update(library).digest('hex'));
  t.equal(bytes, library.length + 1);
  t.ok((await readFile(join(folder, 'out', 'lib.so.2'))).equals(library));
  t.equal(statSync(join(folder, 'out', 'ptxas')).mode & 0o111, 0o111, 'a program stays one');
  t.equal(statSync(join(folder, 'out', 'lib.so.2')).mode & 0o111, 0, 'a library is none');
  t.notOk(existsSync(join(folder, 'out', 'large.py')));
});

t.test('a truncated zip is refused', async (t) => {
  const folder = t.testdir();
  const whole = zipSync({ 'lib.so': library });
  await writeFile(join(folder, 'half.whl'), whole.subarray(0, whole.length / 2));
  await t.rejects(unpackZip(join(folder, 'half.whl'), folder, (entry) => entry));
});

t.test('a place that would leave the folder is refused, and so is one behind a link', async (t) => {
  const folder = t.testdir({ out: {}, elsewhere: {} });
  const zipPath = join(folder, 'a.whl');
  await writeFile(zipPath, zipSync({ x: library }));
  await symlink('../elsewhere', join(folder, 'out', 'link'));
  for (const place of ['../elsewhere/x', 'link/x'])
    await t.rejects(
      unpackZip(zipPath, join(folder, 'out'), () => place),
      { message: /leaves the folder .*out; a place within it is wanted$/ },
    );
  t.notOk(existsSync(join(folder, 'elsewhere', 'x')));
});

t.test('an entry that would leave the folder is refused', async (t) => {
  const folder = t.testdir();
  await writeFile(join(folder, 'evil.whl'), zipSync({ '../evil': library }));
  await t.rejects(
    unpackZip(join(folder, 'evil.whl'), join(folder, 'out'), (entry) => entry),
    { message: /relative path/ },
  );
  t.notOk(existsSync(join(folder, 'evil')));
});
