import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaNode } from 'execa';
import t from 'tap';
import { isNativeLockHeld, nativeStatus, withNativeLock } from './native-lock.js';

/** A child that takes the lock, notes when it had it, and holds it for `holdMs`. */
function startHolder(folder: string, log: string, holdMs: number) {
  const script = `
    import { appendFileSync } from 'node:fs';
    import { withNativeLock } from ${JSON.stringify(join(import.meta.dirname, 'native-lock.js'))};
    await withNativeLock(${JSON.stringify(folder)}, async (say) => {
      say('downloading');
      appendFileSync(${JSON.stringify(log)}, 'in\\n');
      await new Promise((resolve) => setTimeout(resolve, ${holdMs}));
      appendFileSync(${JSON.stringify(log)}, 'out\\n');
    }, () => undefined);`;
  const path = `${log}.${holdMs}.${Math.random().toString(36).slice(2)}.mjs`;
  writeFileSync(path, script);
  return execaNode(path, { reject: false });
}

t.test('of several processes one works at a time', async (t) => {
  const base = t.testdir();
  const log = join(base, 'log');
  await Promise.all([
    startHolder(join(base, 'x'), log, 300),
    startHolder(join(base, 'x'), log, 301),
    startHolder(join(base, 'x'), log, 302),
  ]);
  t.equal(readFileSync(log, 'utf8'), 'in\nout\n'.repeat(3));
});

t.test('the lock tells those who wait what its holder does, and is free after it', async (t) => {
  const base = t.testdir();
  const log = join(base, 'log');
  const holder = startHolder(join(base, 'x'), log, 1500);
  while (!existsSync(log)) await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(await isNativeLockHeld(join(base, 'x')), true);
  const heard: string[] = [];
  await withNativeLock(
    join(base, 'x'),
    async () => appendFileSync(log, 'mine\n'),
    (status) => heard.push(status),
  );
  t.equal(readFileSync(log, 'utf8'), 'in\nout\nmine\n');
  t.equal(heard[0], 'downloading');
  await holder;
  t.equal(await isNativeLockHeld(join(base, 'x')), false);
});

t.test('a holder that was killed is not waited for by those who only look, and its lock is taken over', async (t) => {
  const base = t.testdir();
  const log = join(base, 'log');
  const holder = startHolder(join(base, 'x'), log, 60_000);
  while (!existsSync(log)) await new Promise((resolve) => setTimeout(resolve, 20));
  holder.kill('SIGKILL');
  await holder;
  t.equal(await isNativeLockHeld(join(base, 'x')), false, 'known dead at once');
  const startedAt = Date.now();
  await withNativeLock(
    join(base, 'x'),
    async () => undefined,
    () => undefined,
  );
  t.ok(Date.now() - startedAt < 20_000, 'taken over within seconds');
});

t.test('work that throws frees the lock', async (t) => {
  const folder = join(t.testdir(), 'x');
  const fail = () => Promise.reject(new Error('broken'));
  await t.rejects(
    withNativeLock(folder, fail, () => undefined),
    { message: 'broken' },
  );
  t.equal(await isNativeLockHeld(folder), false);
});

t.test('a lock without a status is at work', async (t) => {
  const folder = join(t.testdir(), 'x');
  mkdirSync(`${folder}.lock`);
  t.equal(nativeStatus(folder), 'at work');
  t.equal(await isNativeLockHeld(folder), true);
});
