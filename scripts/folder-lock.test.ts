import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execaNode } from 'execa';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';

interface FolderLock {
  withLock<T>(path: string, work: () => T, onWait?: (owner: number) => void): T;
}

const modulePath = pathToFileURL(join(packageRoot, 'scripts', 'folder-lock.mjs')).href;
const { withLock }: FolderLock = await import(modulePath);

t.test('of several processes one works at a time', async (t) => {
  const base = t.testdir();
  const log = join(base, 'log');
  const script = join(base, 'holder.mjs');
  writeFileSync(
    script,
    `import { appendFileSync } from 'node:fs';
     import { withLock } from ${JSON.stringify(modulePath)};
     withLock(${JSON.stringify(join(base, 'lock'))}, () => {
       appendFileSync(${JSON.stringify(log)}, 'in\\n');
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
       appendFileSync(${JSON.stringify(log)}, 'out\\n');
     });`,
  );
  await Promise.all(Array.from({ length: 4 }, () => execaNode(script)));
  t.equal(readFileSync(log, 'utf8'), 'in\nout\n'.repeat(4));
});

t.test('the lock of a process that was killed is taken over at once', (t) => {
  const path = join(t.testdir(), 'lock');
  writeFileSync(path, JSON.stringify({ pid: 2 ** 22 - 1, started: '1', host: hostname() }));
  const waited: number[] = [];
  t.equal(
    withLock(
      path,
      () => 'done',
      (owner) => waited.push(owner),
    ),
    'done',
  );
  t.same(waited, []);
  t.end();
});

t.test('a process id that another program has now is no owner', (t) => {
  const path = join(t.testdir(), 'lock');
  writeFileSync(path, JSON.stringify({ pid: process.pid, started: 'before', host: hostname() }));
  t.equal(
    withLock(path, () => 'done'),
    'done',
  );
  t.end();
});

t.test('a lock that was never written to the end is taken over once it is old', (t) => {
  const path = join(t.testdir(), 'lock');
  writeFileSync(path, '');
  utimesSync(path, new Date(Date.now() - 10_000), new Date(Date.now() - 10_000));
  t.equal(
    withLock(path, () => 'done'),
    'done',
  );
  t.end();
});

t.test('the lock is gone after work that throws', (t) => {
  const path = join(t.testdir(), 'lock');
  const broken = () => {
    throw new Error('broken');
  };
  t.throws(() => withLock(path, broken), { message: 'broken' });
  t.equal(
    withLock(path, () => 'done'),
    'done',
  );
  t.end();
});
