import { join } from 'node:path';
import t from 'tap';
import { findGpu } from '../../harness/support/find-gpu.js';
import { runStage } from './run-stage.js';
import { describeLeftOut, listStages, type Stage } from './stages.js';

t.setTimeout(300_000);

/** A stage of a small bundle, with its folder. */
function stageOf(folder: string, changes: Partial<Stage> = {}): Stage {
  const name = 'infer-ort';
  const args = ['judge', 'ort', 'segnext-custom', '--device', 'cpu', '--report', join(folder, name)];
  return { name, device: 'cpu', args, expected: 0, shows: 'agreement', limitS: 120, ...changes };
}

t.test('a proof has each port on the CPU and twice on the card, and TF32, which must be red', async (t) => {
  const stages = listStages({ ports: ['ort'], rehearsal: false, folder: 'out' });
  t.strictSame(
    stages.map(({ name, device, expected }) => `${name} ${device} ${expected}`),
    [
      'doctor gpu 0',
      'infer-cpu-ort cpu 0',
      'infer-ort gpu 0',
      'infer-again-ort gpu 0',
      'train-ort gpu 0',
      'train-again-ort gpu 0',
      'evaluation-ort gpu 0',
      'tf32-ort gpu 1',
      ...(describeLeftOut() === null ? ['tipc-ort gpu 0'] : []),
    ],
  );
  for (const { device, args } of stages) t.equal(args[args.indexOf('--device') + 1], device);
  const rehearsed = listStages({ ports: ['ort', 'tfjs'], rehearsal: true, folder: 'out' });
  t.ok(rehearsed.every(({ device }) => device === 'cpu'));
  t.equal(rehearsed.length, describeLeftOut() === null ? 15 : 13);
});

t.test('a stage that does as it should says nothing more', async (t) => {
  const folder = t.testdir();
  const end = await runStage(stageOf(folder), folder);
  t.strictSame([end.outcome, end.exitCode, end.because], ['as wanted', 0, null]);
});

t.test('a stage that ends otherwise, is too slow or lacks a card says why', async (t) => {
  const folder = t.testdir();
  const green = await runStage(stageOf(folder, { shows: 'rounding to 10 bits' }), folder);
  t.equal(green.because, 'products of TF32 are red, and are not named as the cause');
  const red = await runStage(stageOf(folder, { expected: 1 }), folder);
  t.equal(red.outcome, 'not as wanted');
  const lost = await runStage(stageOf(folder, { name: 'elsewhere' }), folder);
  t.strictSame([lost.outcome, lost.because], ['not as wanted', 'it left no result']);
  const slow = await runStage(stageOf(folder, { limitS: 0.05 }), folder);
  t.strictSame([slow.outcome, slow.because], ['too slow', 'it took more than 0.05 s']);
  if (findGpu().found) return t.comment('not run: this machine has a GPU');
  const args = ['judge', 'ort', 'segnext-custom', '--device', 'gpu'];
  const none = await runStage(stageOf(folder, { args, device: 'gpu' }), folder);
  t.strictSame([none.outcome, none.exitCode], ['not run', 3]);
  t.match(none.because, /^Cannot use the device gpu: .+; an NVIDIA GPU with its driver is wanted\. Fix: /);
});
