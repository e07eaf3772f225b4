import { readdirSync } from 'node:fs';
import t from 'tap';
import { evalFigures } from '../metrics/eval-figures.js';
import { makeMeasurement, makeOwn } from '../reporters/result-for-tests.js';
import type { CaseResult, Measurement } from '../result/record/case-result.js';
import { causesInOrder, kindNamed, kindOfName, kinds, limitsUnder } from './index.js';

t.test('the folder is the list', async (t) => {
  const files = readdirSync(import.meta.dirname).filter((file) => /^[a-z-]+\.js$/.test(file) && file !== 'index.js');
  t.strictSame([...kinds.keys()], files.map((file) => file.slice(0, -3)).sort());
  t.throws(() => kindNamed('colour'), /harness\/kinds has no kind colour; it has averaged-logits, /);
});

t.test('a name has one kind', async (t) => {
  for (const [phase, name, wanted] of [
    ['infer', 'backbone.norm1', 'forward'],
    ['train', 'lr/0', 'rate'],
    ['train', 'loss/0', 'loss'],
    ['train', 'loss/01', 'later-loss'],
    ['train', 'loss/10', 'later-loss'],
    ['train', 'grads/loss/0', 'gradient'],
    ['train', 'params/lr/0', 'parameter'],
    ['train', 'buffers/mean', 'buffer'],
    ['train', 'norm', undefined],
    ['eval', 'single/0/logits', 'averaged-logits'],
    ['eval', 'single/0/labels', 'label-map'],
    ['eval', 'single/confusion', 'confusion'],
    ['eval', 'single/metrics', 'metrics'],
    ['eval', 'single/mIoU', 'miou'],
    ['eval', 'single/constructor', undefined],
    ['tipc', 'logits', 'parity'],
    ['tipc', 'graph', 'parity'],
    ['tipc', 'classes', 'parity-classes'],
    ['tipc', 'files', undefined],
  ] as const) {
    t.equal(kindOfName(phase, name)?.name, wanted, name);
    const having = [...kinds.values()].filter((kind) => kind.phase === phase && kind.names?.test(name));
    t.ok(having.length <= 1, name);
  }
});

t.test('limits are those of the contract, of evaluations and of parity', async (t) => {
  const limits = [...kinds.values()].map(({ name, limits }) => [
    name,
    ...limits.map(({ figure, limit, unit }) => `${figure} ${limit} ${unit}`),
  ]);
  t.strictSame(limits, [
    ['averaged-logits', 'rms 4 × noise', 'largest 8 × noise'],
    ['batch', 'rms 4 × noise', 'largest 8 × noise'],
    ['buffer', 'rms 8 × noise', 'largest 16 × noise'],
    ['confusion', 'moved 0.000001 share'],
    ['forward', 'rms 4 × noise', 'largest 8 × noise'],
    ['gradient', 'rms 8 × noise', 'largest 16 × noise'],
    ['label-map', 'changed null pixels', 'unexplained 0 pixels'],
    ['later-loss', 'error 8 × noise'],
    ['loss', 'error 8 × noise'],
    ['metrics', ...evalFigures.map(({ name }) => `${name} 0.00001 absolute`)],
    ['miou', 'difference 0.00001 share', 'interval null share'],
    ['own', 'rms 4 × noise', 'largest 8 × noise'],
    ['parameter', 'rms 16 × noise', 'largest 32 × noise'],
    ['parity', 'rms 8 × noise', 'largest 16 × noise'],
    ['parity-classes', 'changed null pixels', 'unexplained 0 pixels'],
    ['rate', 'error 1 × noise'],
    ['shipped', 'apart null × noise'],
  ]);
  for (const { name, limits } of kinds.values())
    for (const { limit, because } of limits) t.equal(because === null, limit === null, name);
});

t.test('a stored result is held to the limits that it names', async (t) => {
  const { limits } = kindNamed('loss');
  const before = limits.map((one) => ({ ...one, limit: 9 }));
  t.equal(limitsUnder('limits/1', { limits, earlier: { 'limits/1': before } }), before);
  t.equal(limitsUnder('limits/2', { limits, earlier: { 'limits/1': before } }), limits);
  t.equal(limitsUnder('limits/1', { limits }), limits);
});

t.test('causes stand in the order of the contract', async (t) => {
  t.strictSame(
    causesInOrder.map(({ name }) => name),
    ['rate', 'forward', 'loss', 'gradient', 'later-loss', 'parameter', 'buffer'],
  );
});

t.test('a golden says nothing where its noise times the limit reaches it, a gradient from a tenth on', async (t) => {
  for (const [name, noise] of [
    ['forward', 1 / 4],
    ['own', 1 / 4],
    ['averaged-logits', 1 / 4],
    ['loss', 1 / 8],
    ['buffer', 1 / 8],
    ['gradient', 0.1],
    ['parameter', 1 / 16],
  ] as const) {
    t.ok(kindNamed(name).isInformative(noise - 2 ** -40), name);
    t.notOk(kindNamed(name).isInformative(noise), name);
    t.notOk(kindNamed(name).isInformative(Number.NaN), name);
  }
});

const hints: readonly (readonly [failing: readonly string[], hint: RegExp])[] = [
  [['lr/0'], /^The schedule is at fault/],
  [['loss/0', 'grads/a'], /^The forward of training is at fault/],
  [['loss/1', 'grads/a'], /^The first loss agrees and the first gradients do not/],
  [['loss/1', 'params/a'], /^The first loss and its gradients agree, so the update is at fault/],
  [
    ['grads/a', 'params/a'],
    /^The first loss agrees, so the way back is at fault\. .+ this is the last that is wrong, the nearest to the loss/,
  ],
  [['params/a'], /^The gradients agree, so the update is at fault/],
  [['buffers/a._mean'], /^The parameters agree, so the running statistics are kept otherwise/],
];
for (const [failing, hint] of hints) {
  t.test(`${failing.join(' and ')} point where the fault can be`, async (t) => {
    const names = ['lr/0', 'loss/0', 'loss/1', 'grads/a', 'params/a', 'buffers/a._mean'];
    const measurements = names.map((name) =>
      makeMeasurement(name, { verdict: failing.includes(name) ? 'fail' : 'pass' }),
    );
    const first = measurements.find(({ verdict }) => verdict === 'fail')!;
    t.match(kindNamed(first.kind).hint({ measurements } as unknown as CaseResult, first), hint);
  });
}

t.test('a layer whose own error was not judged is not said to inherit where another fails on its own', async (t) => {
  const first = makeMeasurement('a', { verdict: 'fail', own: null });
  const hintOf = (...others: Measurement[]) =>
    kindNamed('forward').hint(
      { measurements: [first, ...others], shipped: null, goldens: {} } as unknown as CaseResult,
      first,
    );
  t.match(hintOf(makeMeasurement('b')), /^No layer fails on its own/);
  const faulty = makeMeasurement('c', { verdict: 'fail', own: makeOwn({ verdict: 'fail' }) });
  t.match(hintOf(makeMeasurement('b'), faulty), /^Own errors were not judged here/);
});
