import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import t from 'tap';
import { claimFolder } from './claim-folder.js';
import { packageRoot } from './package-root.js';

const foreign = JSON.stringify({ pid: 7, started: '1', host: 'another-host', place: '00000000' });

function writeForeign(folder: string, secondsAgo: number): string {
  const path = join(folder, '.tipcheck-claim');
  writeFileSync(path, foreign);
  const then = new Date(Date.now() - 1000 * secondsAgo);
  utimesSync(path, then, then);
  return path;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  t.test(`a claim goes with a process that ${signal} ends`, async (t) => {
    const folder = t.testdir();
    const module = pathToFileURL(join(packageRoot, 'dist', 'harness', 'support', 'claim-folder.js'));
    const code = `const { claimFolder } = await import('${module}'); await claimFolder(${JSON.stringify(folder)}, 'train'); setInterval(() => 0, 1000);`;
    const child = execa(process.execPath, ['--input-type=module', '-e', code], { reject: false });
    while (!existsSync(join(folder, '.tipcheck-claim'))) await sleep(20);
    await sleep(300);
    child.kill(signal);
    t.equal((await child).signal, signal);
    t.notOk(existsSync(join(folder, '.tipcheck-claim')));
  });

t.test('a claim of another host that is touched is held, whatever the clock of that host says', async (t) => {
  const folder = t.testdir();
  t.capture(process.stderr, 'write', () => true);
  for (const slow of [3600, -3600]) {
    const path = writeForeign(folder, slow);
    const touching = setInterval(() => writeForeign(folder, slow - 1), 100);
    const refused = claimFolder(folder, 'train', 1000);
    await t.rejects(refused, { name: 'EnvironmentError', message: /process 7 of the host another-host is / });
    clearInterval(touching);
    t.equal(readFileSync(path, 'utf8'), foreign, 'it stands');
  }
});

t.test('a claim of another host that is not touched for a while of our own clock is taken over', async (t) => {
  const folder = t.testdir();
  const path = writeForeign(folder, 0);
  const said = t.capture(process.stderr, 'write', () => true);
  const startedAt = performance.now();
  const release = await claimFolder(folder, 'train', 100);
  t.ok(performance.now() - startedAt > 600, 'six touches did not come');
  t.match(
    said().map(({ args }) => args[0]),
    [
      /^Waits at most 1 s for process 7 of the host another-host, which claims .*: one that works touches its claim\n$/,
      /^Takes .* over from process 7 of the host another-host, which did not touch its claim for 1 s: it counts as gone\n$/,
    ],
  );
  t.match(readFileSync(path, 'utf8'), `"pid":${process.pid}`);
  await release();
  t.notOk(existsSync(path));
});

t.test('a claim is touched while it is held, also while this thread computes', async (t) => {
  const folder = t.testdir();
  const release = await claimFolder(folder, 'train', 50);
  await sleep(500);
  const path = join(folder, '.tipcheck-claim');
  utimesSync(path, new Date(0), new Date(0));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  t.ok(Date.now() - statSync(path).mtimeMs < 10_000);
  await release();
});

t.test('what another took over is not given back', async (t) => {
  const folder = t.testdir();
  const release = await claimFolder(folder, 'train');
  const path = writeForeign(folder, 0);
  await release();
  t.equal(readFileSync(path, 'utf8'), foreign);
});
