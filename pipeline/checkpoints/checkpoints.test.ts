import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkpointPath, listCheckpointSteps, openCheckpoints } from './checkpoints.js';
import { explainWrite, recoverFolders } from './write-folder.js';

const files = (text: string) =>
  new Map([
    ['model.pdparams', Buffer.from(text)],
    ['model.pdopt', Buffer.from(`${text} opt`)],
  ]);

t.test('the folders are those of PaddleSeg', async (t) => {
  const folder = join(t.testdir({}), 'output');
  t.strictSame(await listCheckpointSteps(folder), []);
  const checkpoints = await openCheckpoints(folder, 5);
  t.equal(await checkpoints.saveStep(100, files('a')), checkpointPath(folder, 100));
  await checkpoints.saveBest(new Map([['model.pdparams', Buffer.from('best')]]));
  t.strictSame(readdirSync(folder).sort(), ['best_model', 'iter_100']);
  t.strictSame(readdirSync(join(folder, 'iter_100')).sort(), ['model.pdopt', 'model.pdparams']);
  t.equal(readFileSync(join(folder, 'iter_100/model.pdopt'), 'utf8'), 'a opt');
});

t.test('the oldest of this run go, those of another stay', async (t) => {
  const folder = t.testdir({ iter_1: { 'model.pdparams': 'of another run' } });
  const checkpoints = await openCheckpoints(folder, 2);
  for (const step of [9, 10, 100, 100]) await checkpoints.saveStep(step, files(`${step}`));
  t.strictSame(await listCheckpointSteps(folder), [1, 10, 100]);
  const all = await openCheckpoints(folder, 0);
  for (const step of [200, 300, 400]) await all.saveStep(step, files(`${step}`));
  t.strictSame(await listCheckpointSteps(folder), [1, 10, 100, 200, 300, 400]);
});

t.test('a checkpoint of the same name is replaced whole', async (t) => {
  const folder = t.testdir({ iter_5: { 'model.pdparams': 'old', 'stray.txt': 'x' } });
  const checkpoints = await openCheckpoints(folder, 5);
  await checkpoints.saveStep(5, files('new'));
  t.strictSame(readdirSync(folder), ['iter_5']);
  t.strictSame(readdirSync(join(folder, 'iter_5')).sort(), ['model.pdopt', 'model.pdparams']);
});

t.test('what a killed run left is put right', async (t) => {
  const folder = t.testdir({
    '.iter_2.new-00000001': { 'model.pdparams': 'half' },
    '.best_model.old-00000002': { 'model.pdparams': 'good' },
    '.best_model.new-00000002': { 'model.pdparams': 'whole, but not yet in place' },
    iter_3: { 'model.pdparams': 'new' },
    '.iter_3.old-00000003': { 'model.pdparams': 'old' },
    '.notes': { 'a.txt': "the user's own" },
  });
  await recoverFolders(folder);
  t.strictSame(readdirSync(folder).sort(), ['.notes', 'best_model', 'iter_3']);
  t.equal(readFileSync(join(folder, 'best_model/model.pdparams'), 'utf8'), 'good');
  t.equal(readFileSync(join(folder, 'iter_3/model.pdparams'), 'utf8'), 'new');
});

t.test('killed at any moment, a checkpoint is whole', async (t) => {
  const folder = t.testdir({});
  const module = new URL('./checkpoints.js', import.meta.url).href;
  const program = `
    const { openCheckpoints } = await import(${JSON.stringify(module)});
    const checkpoints = await openCheckpoints(${JSON.stringify(join(folder, 'out'))}, 5);
    for (let i = 0; ; i++) {
      const bytes = Buffer.alloc(200_000, i % 256);
      await checkpoints.saveBest(new Map([['model.pdparams', bytes], ['model.pdopt', bytes]]));
      if (i === 0) process.stdout.write('begun');
    }`;
  for (let round = 0; round < 6; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, 20 * Math.random()));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    await recoverFolders(join(folder, 'out'));
    t.strictSame(readdirSync(join(folder, 'out')), ['best_model']);
    const [parameters, optimizer] = ['model.pdparams', 'model.pdopt'].map((name) =>
      readFileSync(join(folder, 'out/best_model', name)),
    );
    t.equal(parameters!.length, 200_000);
    t.ok(parameters!.equals(optimizer!), 'both files are of one save');
    t.ok(parameters!.every((byte) => byte === parameters![0]));
  }
});

t.test('while a checkpoint is replaced, the old or the new one is there at any moment', async (t) => {
  const folder = t.testdir({});
  const checkpoints = await openCheckpoints(folder, 5);
  await checkpoints.saveBest(files('first'));
  let [saving, looks, missed] = [true, 0, 0];
  const look = () => {
    const names = readdirSync(folder);
    looks++;
    if (!names.some((name) => name === 'best_model' || name.startsWith('.best_model.old-'))) missed++;
    if (saving) setImmediate(look);
  };
  look();
  for (let i = 0; i < 30; i++) await checkpoints.saveBest(files(`${i}`));
  saving = false;
  t.ok(looks > 100, `looked ${looks} times`);
  t.equal(missed, 0);
});

t.test('a full disk is said in a sentence, and leaves what was there', async (t) => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  t.match(explainWrite(full, 'output/iter_5', files('x'.repeat(1e6))), {
    name: 'EnvironmentError',
    message:
      'Cannot write the checkpoint output/iter_5: the disk is full; 2.0 MB are wanted. Checkpoints that were there before are whole',
  });
  const other = new Error('other');
  t.equal(explainWrite(other, 'output/iter_5', files('')), other);
});

t.test('a write that fails leaves neither a half folder nor a temporary one', async (t) => {
  const folder = t.testdir({});
  const checkpoints = await openCheckpoints(folder, 5);
  await checkpoints.saveStep(5, files('good'));
  await t.rejects(checkpoints.saveStep(5, new Map([['none/model.pdparams', Buffer.from('x')]])), { code: 'ENOENT' });
  t.strictSame(readdirSync(folder), ['iter_5']);
  t.equal(readFileSync(join(folder, 'iter_5/model.pdparams'), 'utf8'), 'good');
  mkdirSync(join(folder, 'a'));
  writeFileSync(join(folder, 'a/file'), '');
  await t.rejects(openCheckpoints(join(folder, 'a/file'), 5), { code: 'ENOTDIR' });
  t.notOk(existsSync(join(folder, 'none')));
});

t.test('what is called otherwise than a checkpoint is not touched, whatever a killed run left', async (t) => {
  const folder = t.testdir({
    out: { '....old-00000001': { x: '' }, '.mine.new-00000002': { y: '' }, '..iter_1.old-00000003': { z: '' } },
  });
  const before = readdirSync(join(folder, 'out'));
  await recoverFolders(join(folder, 'out'));
  t.strictSame(readdirSync(join(folder, 'out')), before);
});
