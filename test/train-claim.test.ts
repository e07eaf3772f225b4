import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { tipcheck, writeSmallConfig } from './tools-for-tests.js';

t.test('a second training in one save_dir is refused with exit code 3 while the first goes on', async (t) => {
  const folder = t.testdir();
  const config = await writeSmallConfig(folder, (text) => text.replace('iters: 8', 'iters: 100000'));
  const first = tipcheck(['train', '--config', config, '--save_dir', 'out'], folder);
  while (!existsSync(join(folder, 'out', '.tipcheck-claim'))) await sleep(50);
  const second = await tipcheck(['train', '--config', config, '--save_dir', './out'], folder);
  t.equal(second.exitCode, 3);
  t.match(
    second.stderr,
    new RegExp(
      `^Cannot train into \\./out: process ${first.pid} is at work there; one at a time is wanted, for two would mix their files\\. Fix: another folder, or wait for it$`,
      'm',
    ),
  );
  first.kill('SIGKILL');
  await first;
  const third = await tipcheck(['train', '--config', config, '--save_dir', 'out', '--iters', '1'], folder);
  t.equal(third.exitCode, 0, 'the claim of a training that was killed counts for nothing');
  t.notOk(existsSync(join(folder, 'out', '.tipcheck-claim')));
});

t.test('a training on another host is not asked; its claim says how to remove it', async (t) => {
  const folder = t.testdir();
  const config = await writeSmallConfig(folder);
  await mkdir(join(folder, 'out'));
  const claim = { pid: process.pid, started: '1', host: 'another-host', place: '00000000' };
  writeFileSync(join(folder, 'out', '.tipcheck-claim'), JSON.stringify(claim));
  const path = join(folder, 'out', '.tipcheck-claim');
  let touches = 0;
  const touching = setInterval(() => utimesSync(path, touches, ++touches), 500);
  const { exitCode, stderr } = await tipcheck(['train', '--config', config, '--save_dir', 'out'], folder);
  clearInterval(touching);
  t.equal(exitCode, 3);
  t.match(
    stderr,
    /process \d+ of the host another-host is at work there; .*Fix: another folder, or wait for it; if it is gone: rm 'out\/\.tipcheck-claim'$/m,
  );
});

t.test('a training that is refused leaves no folder; a file in the place of one is exit code 2', async (t) => {
  const folder = t.testdir({ file: '' });
  const config = await writeSmallConfig(folder, (text) => text.replace('type: SegNeXt', 'type: Nothing'));
  t.equal((await tipcheck(['train', '--config', config, '--save_dir', 'out'], folder)).exitCode, 2);
  t.same(readdirSync(folder).sort(), ['file', 'small.yml']);
  for (const [place, why] of [
    ['file', /^Cannot write file: (it is a file|a part of its folder is a file); /m],
    ['file/out', /^Cannot write file\/out: a part of its folder is a file; /m],
  ] as const) {
    const { exitCode, stderr } = await tipcheck(['train', '--config', config, '--save_dir', place], folder);
    t.equal(exitCode, 2, place);
    t.match(stderr, why);
  }
});
