import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { float32NdArray } from '../harness/contract/nd-array.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { writeTestBundle } from '../harness/golden/test-bundle.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { UserError } from '../harness/support/errors.js';
import { packageRoot } from '../harness/support/package-root.js';
import { createPort } from '../ports/exec/port.js';

const program = join(packageRoot, 'test', 'ports', 'tiny-exec-train.mjs');
const command = (...args: readonly string[]) => `"${process.execPath}" "${program}" ${args.join(' ')}`;

async function trainProgram(folder: string, ...args: readonly string[]) {
  const bundle = await readBundle(await writeTestBundle(folder, undefined, 'train'));
  const port = resolvePort(`exec:${command(...args)}`);
  const [found] = await runPlan(planRun({ ports: [port], bundles: [bundle], silenceMs: 20_000 }));
  return found!;
}

t.test('a program that trains is judged on a train bundle', async (t) => {
  const folder = t.testdir();
  const log = join(folder, 'heard');
  const found = await trainProgram(folder, 'log', `"${log}"`);
  t.equal(found.reason, null);
  t.equal(found.verdict, 'pass');
  t.equal(found.phase, 'train');
  t.match(await readFile(log, 'utf8'), /^hello load train (step )+read read end_train dispose close$/);
});

t.test(
  'a program that names its phases, as programs did before there were capabilities, is judged on them',
  async (t) => {
    const found = await trainProgram(t.testdir(), 'old-flags');
    t.equal(found.reason, null);
    t.equal(found.verdict, 'pass');
  },
);

const failures: readonly (readonly [fault: string, reason: RegExp])[] = [
  ['train', /it failed at train: it was told to fail/],
  ['step', /it failed at step: it was told to fail/],
  ['read', /it failed at read: it was told to fail/],
  ['no-phases', /its phase is train and the port has infer; a port with train is wanted/],
  ['odd-phases', /it answered hello with phases \["fly"\]; an array of "infer" and "train" is wanted/],
  ['no-rate', /it answered step with learning_rate undefined; a number is wanted/],
  ['loss-text', /it answered step with loss "small"; a number, or null where it is not finite, is wanted/],
  ['no-gradients', /it answered step without gradients; an object of gradient name to \.npy path is wanted/],
];
for (const [fault, reason] of failures) {
  t.test(`a program whose training goes wrong by ${fault} is an error that says so`, async (t) => {
    const found = await trainProgram(t.testdir(), fault);
    t.equal(found.verdict, 'error');
    t.match(found.reason, reason);
  });
}

t.test('a loss of null is one that is not finite: it fails', async (t) => {
  const found = await trainProgram(t.testdir(), 'loss-null');
  t.equal(found.verdict, 'fail');
  t.equal(found.firstFault, 'loss/0');
});

t.test('what the protocol has no question for is refused', async (t) => {
  const port = await createPort({ device: 'cpu', settings: { command: command('none') } });
  t.teardown(() => port.close());
  const model = await port.load({}, new Map([['w', float32NdArray([1], new Float32Array(1))]]));
  const request = { optimizer: {}, lrScheduler: {}, loss: {}, iters: 1 };
  await t.rejects(
    model.train!({ ...request, resume: { steps: 1, slots: new Map() } }),
    new UserError(
      'Cannot go on from an optimizer state with an exec: port: tipcheck-port/1 has no question for it; a built-in port is wanted',
    ),
  );
  const ranks = { rank: 0, size: 2, sum: () => undefined };
  await t.rejects(model.train!({ ...request, ranks }), {
    message: /^Cannot train over several ranks with an exec: port/,
  });
});
