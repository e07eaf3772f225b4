import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../harness/support/package-root.js';
import { writeSmallConfig } from '../../test/tools-for-tests.js';
import type { Translation } from '../steps/translation.js';
import { readRequest } from '../text/request.js';
import { estimateSteps } from './estimate-steps.js';

const folder = t.testdir({});
const small = await writeSmallConfig(folder);
const picture = join(folder, 'one.png');
await copyFile(
  join(packageRoot, 'fixtures/street/leftImg8bit/val/street/street_000000_000019_leftImg8bit.png'),
  picture,
);

/** What estimates read of a step. */
function translation(kind: string, args: readonly string[], changes: object = {}): Translation {
  const step = { kind, number: 1, row: { ranks: 1 }, dependsOn: [] };
  return {
    ...{ port: 'ort', device: 'cpu', args: [], request: readRequest('', ['--config', small, ...args]), step },
    ...{ lack: null, reason: null },
    config: { path: small, deviations: { train: [], infer: [] }, notes: [] },
    ...changes,
  } as unknown as Translation;
}

const estimateOf = async (one: Translation) => (await estimateSteps([one], 1e6))[0]!.estimate;

t.test('every row that computes has an estimate, which grows with what it has to do', async (t) => {
  const train = (...args: string[]) => estimateOf(translation('train', args));
  const two = (await train('--iters', '1000', '--batch_size', '2'))!;
  const four = (await train('--iters', '1000', '--batch_size', '4'))!;
  const twice = (await train('--iters', '2000', '--batch_size', '2'))!;
  t.ok(four.memoryMb > two.memoryMb && four.seconds > two.seconds, 'a larger batch');
  t.ok(twice.seconds > two.seconds && twice.memoryMb === two.memoryMb, 'more iterations');
  const infer = (await estimateOf(translation('infer', ['--image_path', picture])))!;
  const evaluation = (await estimateOf(translation('eval', [])))!;
  t.equal(evaluation.memoryMb, infer.memoryMb, 'pictures of one size');
  t.ok(evaluation.seconds >= infer.seconds, 'eight of them');
  const exported = (await estimateOf(translation('export', [])))!;
  t.ok(exported.memoryMb > infer.memoryMb, 'judging an export takes tfjs, too');
  for (const { seconds, memoryMb } of [two, infer, evaluation, exported])
    t.ok(Number.isInteger(seconds) && seconds > 0 && memoryMb > 100, `${seconds} s, ${memoryMb} MB`);
});

t.test('of a model that tipcheck does not have nothing is estimated, and nothing is refused', async (t) => {
  const unknown = join(folder, 'unknown.yml');
  await writeFile(unknown, '_base_: small.yml\nmodel:\n  type: FCN\n');
  const config = { path: unknown, deviations: { train: [], infer: [] }, notes: [] };
  const [found] = await estimateSteps([translation('train', ['--iters', '3'], { port: 'paddleseg', config })], 1);
  t.match(found, { estimate: null, lack: null });
  t.not(found!.args, null);
});

t.test('a row that would not fit is refused before anything runs, and the reason has both figures', async (t) => {
  const [found] = await estimateSteps([translation('train', ['--iters', '3'])], 100);
  t.match(found, {
    args: null,
    lack: 'memory',
    reason: /^it would take about \d\.\d GB of memory, and there are 0\.1$/,
  });
  t.ok(found!.estimate!.memoryMb > 100);
});
