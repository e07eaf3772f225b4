import { existsSync } from 'node:fs';
import { execa } from 'execa';
import t from 'tap';
import { watchMemory } from './watch-memory.js';

const mb = 150;
const child = `const held = Buffer.alloc(${mb} * 2 ** 20, 1); setTimeout(() => process.exit(held[0] - 1), 1500)`;
const parent = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(child)}])`;

t.test('what a process started counts as well, and a process that is not there says nothing', async (t) => {
  if (!existsSync('/proc/self/status')) return void t.comment('not run: the system has no /proc');
  const subprocess = execa(process.execPath, ['-e', child]);
  const own = watchMemory(subprocess.pid!);
  const starter = execa(process.execPath, ['-e', parent]);
  const both = watchMemory(starter.pid!);
  await subprocess;
  await starter;
  const [alone, together] = [own(), both()];
  t.ok(alone !== null && alone > mb, `${alone}`);
  t.ok(together !== null && alone !== null && together > alone, `${together}`);
  t.equal(watchMemory(2 ** 30)(), null);
});
