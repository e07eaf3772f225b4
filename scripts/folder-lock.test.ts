import { readFileSync, realpathSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execaNode } from 'execa';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';
import { readProcess } from '../harness/support/process-table.js';

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

const alive = () => ({ pid: process.pid, started: startOf(process.pid) });
/** As another clone at work has it: of a process that lives, and never ends in this test. */
const elsewhere = { folder: '/somewhere/else', inode: 1 };

t.test('the lock that came with a copied clone is taken over, whatever host and process it names', (t) => {
  for (const host of [hostname(), 'another-host']) {
    const path = join(t.testdir({ [host]: {} }), host, 'lock');
    writeFileSync(path, JSON.stringify({ ...alive(), host, ...elsewhere }));
    const work = () => JSON.parse(readFileSync(path, 'utf8'));
    t.match(withLock(path, work), { host: hostname(), folder: join(t.testdirName, host), pid: process.pid });
  }
  t.end();
});

t.test('the lock of another host ends at once, says whose it is and how to remove it', (t) => {
  const path = join(t.testdir(), 'lock');
  for (const folder of [
    { ...elsewhere, folder: t.testdirName },
    { ...elsewhere, inode: statSync(t.testdirName).ino },
    {},
  ]) {
    writeFileSync(path, JSON.stringify({ pid: 77, started: '5', host: 'another-host', ...folder }));
    const began = Date.now();
    t.throws(() => withLock(path, () => t.fail('it works beside the other')), {
      message: new RegExp(
        `^Cannot work on ${t.testdirName}: process 77 of the host another-host locked it 0 min ago, .*; one at a time is wanted\\. Fix: wait for it, or if it is gone: rm '${path}'$`,
      ),
    });
    t.ok(Date.now() - began < 5_000);
  }
  t.end();
});

t.test('the lock of this folder is waited for while its process lives', async (t) => {
  const base = t.testdir();
  const path = join(base, 'lock');
  const own = { ...alive(), host: hostname(), folder: realpathSync(base), inode: statSync(base).ino };
  writeFileSync(path, JSON.stringify(own));
  const script = join(base, 'waiter.mjs');
  writeFileSync(
    script,
    `import { withLock } from ${JSON.stringify(modulePath)};
     withLock(${JSON.stringify(path)}, () => console.log('in'), (owner) => console.log('waits for', owner));`,
  );
  const waiter = execaNode(script);
  await new Promise((resolve) => waiter.stdout!.once('data', resolve));
  rmSync(path);
  t.equal((await waiter).stdout, `waits for ${process.pid}\nin`);
});

t.test('a process id that another program has now is not an owner', (t) => {
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

function startOf(pid: number): string | null {
  return readProcess(pid)?.started ?? null;
}
