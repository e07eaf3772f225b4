import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { commandRunner } from '../run-command-for-tests.js';
import { register } from './curves.js';

const run = commandRunner(register, 'curves');
const log = (loss: number) =>
  [10, 20].map((at) => `[TRAIN] epoch: 1, iter: ${at}/20, loss: ${loss / at}, lr: 0.1, batch_cost: 1\n`).join('');

t.test('logs of one name are told apart by their folders', async (t) => {
  const folder = t.testdir({ paddle: { 'train.log': log(1) }, ours: { 'train.log': log(2) }, 'third.txt': log(3) });
  const out = join(folder, 'deep', 'curves.html');
  const logs = ['paddle/train.log', 'ours/train.log', 'third.txt'].map((path) => join(folder, path));
  t.equal(await run(t, [...logs, '--out', out]), `${out}\n`);
  const page = readFileSync(out, 'utf8');
  for (const name of ['paddle/train.log', 'ours/train.log', 'third.txt']) t.match(page, `<title>${name}</title>`);
});

t.test('a log that is not there or is none is named, and nothing is written', async (t) => {
  const folder = t.testdir({ 'a.log': 'hello' });
  const out = join(folder, 'curves.html');
  await t.rejects(run(t, [join(folder, 'none.log'), '--out', out]), {
    name: 'UserError',
    message: `Cannot read the log ${join(folder, 'none.log')}: there is no such file; a train.log is wanted`,
  });
  await t.rejects(run(t, [join(folder, 'a.log'), '--out', out]), { name: 'UserError', message: /none of its lines/ });
  t.throws(() => readFileSync(out));
});
