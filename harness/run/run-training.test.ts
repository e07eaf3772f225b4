import { join } from 'node:path';
import t from 'tap';
import type { Bundle } from '../golden/bundle.js';
import { readBundle } from '../golden/read-bundle.js';
import { type BundleDraft, writeTestBundle } from '../golden/test-bundle.js';
import { packageRoot } from '../support/package-root.js';
import { planRun } from './plan.js';
import { runPlan } from './run.js';

async function trainTiny(
  folder: string,
  fault: string,
  { only, change }: { only?: string; change?: (draft: BundleDraft) => void } = {},
) {
  const bundle: Bundle = await readBundle(await writeTestBundle(folder, change, 'train'));
  const port = {
    name: `tiny-${fault}`,
    about: null,
    module: join(packageRoot, 'test', 'ports', 'tiny-train.mjs'),
    settings: { fault },
  };
  const [found] = await runPlan(planRun({ ports: [port], bundles: [bundle], ...(only === undefined ? {} : { only }) }));
  return found!;
}

const verdicts = (found: Awaited<ReturnType<typeof trainTiny>>) =>
  found.measurements.map(({ name, verdict }) => [name, verdict]);

t.test(
  'an honest port passes; rates, losses, gradients, parameters and statistics are named so, in order',
  async (t) => {
    const found = await trainTiny(t.testdir(), 'none');
    t.equal(found.reason, null);
    t.equal(found.verdict, 'pass');
    t.equal(found.phase, 'train');
    t.strictSame(found.inputShape, [1, 3, 2, 2]);
    t.strictSame(verdicts(found), [
      ['lr/0', 'pass'],
      ['loss/0', 'pass'],
      ['grads/conv.weight', 'pass'],
      ['params/conv.weight', 'pass'],
      ['buffers/norm._mean', 'pass'],
    ]);
    t.ok(
      found.measurements.every(({ own, compared }) => own === null && compared > 0),
      'nothing has an own error',
    );
    t.equal(found.shipped, null);
    t.strictSame(found.engine?.details, { iterations: '10' }, 'what a training says of itself');
  },
);

const faults: readonly (readonly [fault: string, name: string, reason: RegExp])[] = [
  ['rate', 'lr/0', /^it is 0\.000060001; 0\.00006 is wanted, within/],
  ['loss', 'loss/0', /^it is 1\.26; 1\.25 is wanted, within/],
  ['loss-nan', 'loss/0', /^it is NaN; a finite number is wanted$/],
  ['gradient', 'grads/conv.weight', /^error is .* × the noise; at most 8 × is wanted$/],
  ['value-nan', 'params/conv.weight', /^9 of its elements are NaN or Inf$/],
];
for (const [fault, name, reason] of faults) {
  t.test(`the fault ${fault} fails ${name} alone, and is the first fault`, async (t) => {
    const found = await trainTiny(t.testdir(), fault);
    t.equal(found.verdict, 'fail');
    t.equal(found.firstFault, name);
    t.equal(found.firstFaultBy, 'accumulated');
    t.strictSame(
      found.measurements.filter(({ verdict }) => verdict !== 'pass').map((measurement) => measurement.name),
      [name],
    );
    t.match(found.measurements.find((measurement) => measurement.name === name)?.reason, reason);
  });
}

t.test('what the port does not give is missing, never a pass', async (t) => {
  const found = await trainTiny(t.testdir(), 'missing-norm._mean');
  t.equal(found.verdict, 'fail');
  t.match(found.measurements.at(-1), { verdict: 'missing', compared: 0, reason: 'the port gave no such statistic' });
});

t.test('a wrong shape says both shapes', async (t) => {
  const found = await trainTiny(t.testdir(), 'shape');
  t.match(found.measurements[2], { verdict: 'fail', reason: 'its shape is [9, 1]; [3, 3, 1, 1] is wanted' });
});

t.test(
  'a gradient that is mostly noise is not informative, and a bundle of nothing else has compared nothing',
  async (t) => {
    const noisy = (draft: BundleDraft) => {
      const { expect } = draft.json.train!;
      expect.grads[0]!.noise = { rel_rms: 0.1, max_over_rms: 0.5 };
    };
    const found = await trainTiny(t.testdir(), 'gradient', { change: noisy });
    t.match(found.measurements[2], { name: 'grads/conv.weight', verdict: 'uninformative' });
    t.equal(found.verdict, 'pass');
    const alone = await trainTiny(t.testdir(), 'none', { change: noisy, only: 'grads/*' });
    t.equal(alone.verdict, 'fail');
    t.equal(alone.reason, 'no informative probe was compared');
  },
);

t.test('a glob selects by kind and name, and one that matches nothing is refused', async (t) => {
  const found = await trainTiny(t.testdir(), 'none', { only: '*/conv.*' });
  t.strictSame(verdicts(found), [
    ['grads/conv.weight', 'pass'],
    ['params/conv.weight', 'pass'],
  ]);
  await t.rejects(trainTiny(t.testdir(), 'none', { only: 'conv.weight' }), {
    message: /Cannot judge tiny-train with --only 'conv\.weight': it matches none of its 5 probes/,
  });
});

t.test('a port that crashes in a step is an error that says how', async (t) => {
  const found = await trainTiny(t.testdir(), 'crash');
  t.equal(found.verdict, 'error');
  t.match(found.reason, /Cannot run port tiny-crash on tiny-train: its process crashed with SIGSEGV/);
});
