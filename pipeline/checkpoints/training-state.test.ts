import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { float32NdArray } from '../../harness/contract/nd-array.js';
import { UserError } from '../../harness/support/errors.js';
import { type LoopState, readTrainingState, renderCheckpoint } from './training-state.js';

const loop: LoopState = {
  ...{ seed: 3, port: 'ort', pretrained: 'none', bestMiou: 0.5, bestIteration: 2, worseEvaluations: 0 },
  ...{ lossSum: 1.5, lossCount: 2, mIoU: 0.25, Acc: null },
};

function writeCheckpoint(folder: string): void {
  const array = float32NdArray([2], Float32Array.of(1, 2));
  const files = renderCheckpoint({
    weights: new Map([['w', array]]),
    optimizer: { steps: 2, slots: new Map([['w/moment1', array]]) },
    learningRate: 0.1,
    loop,
  });
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
}

t.test('what was written is read, also after a training that went astray', async (t) => {
  const folder = t.testdir();
  writeCheckpoint(folder);
  const read = await readTrainingState(folder);
  t.strictSame(read.loop, loop);
  t.equal(read.optimizer.steps, 2);
});

t.test(
  'one damaged byte of a checkpoint is a sentence that names the file, or is not seen; never anything else',
  async (t) => {
    const folder = t.testdir();
    writeCheckpoint(folder);
    for (const file of ['model.pdstates', 'model.pdopt']) {
      const path = join(folder, file);
      const whole = readFileSync(path);
      let refused = 0;
      for (let at = 0; at < whole.length; at++)
        for (const flip of [0x01, 0x20, 0x80, 0xff]) {
          const bytes = Buffer.from(whole);
          bytes[at] = bytes[at]! ^ flip;
          writeFileSync(path, bytes);
          const error = await readTrainingState(folder).then(
            () => null,
            (thrown: unknown) => thrown,
          );
          if (error === null) continue;
          refused++;
          if (!(error instanceof UserError) || !error.message.includes(folder) || error.message.includes('\n'))
            t.fail(`${file}, byte ${at} ^ ${flip}: ${error instanceof Error ? error.stack : String(error)}`);
        }
      t.ok(refused > whole.length, `${refused} of ${4 * whole.length} are refused`);
      writeFileSync(path, whole);
    }
  },
);

t.test('what the file says of the loop is JSON with all its fields', async (t) => {
  const folder = t.testdir();
  writeCheckpoint(folder);
  const path = join(folder, 'model.pdstates');
  const whole = readFileSync(path);
  const spoil = (from: string, to: string) => {
    const at = whole.indexOf(from);
    t.ok(at > 0);
    const bytes = Buffer.from(whole);
    bytes.write(to, at, 'latin1');
    writeFileSync(path, bytes);
  };
  spoil('{"seed"', '["seed"');
  await t.rejects(readTrainingState(folder), {
    message: `Cannot resume from ${folder}: its model.pdstates is damaged (what it says of the training is not JSON); a checkpoint that tipcheck train wrote is wanted. Fix: an earlier checkpoint`,
  });
  spoil('"seed":3', '"sEed":3');
  await t.rejects(readTrainingState(folder), { message: /is damaged \(its seed is not a number\); / });
});
