import t from 'tap';
import {
  errorCase,
  faultyCase,
  makeCase,
  makeMeasurement,
  makeResult,
  makeShipped,
  nastyName,
} from '../result-for-tests.js';
import { renderAlignment } from './alignment-markdown.js';
import { arrangeAlignment } from './arrange-alignment.js';

const train = (...names: string[]) =>
  makeCase({ bundle: 'segnext-t-train', phase: 'train', measurements: names.map((name) => makeMeasurement(name)) });

const statesOf = (...cases: Parameters<typeof makeResult>[0]) =>
  arrangeAlignment(makeResult(cases)).map(({ port, steps }) => [
    port,
    ...steps.map(({ state, compared }) => `${state} ${compared}`),
  ]);

t.test('each measurement belongs to one step; a port has a section of its own', async (t) => {
  const trained = train('lr/0', 'loss/0', 'loss/1', 'grads/head.weight', 'params/head.weight', 'buffers/n._mean');
  const evaluated = makeCase({ phase: 'eval', bundle: 'street', measurements: [makeMeasurement('single/0/logits')] });
  t.strictSame(statesOf(makeCase(), trained, evaluated, makeCase({ port: 'tfjs' })), [
    ['ort', 'aligned 3', 'aligned 1', 'aligned 1', 'aligned 3', 'aligned 2'],
    ['tfjs', 'aligned 3', 'not-judged 0', 'not-judged 0', 'not-judged 0', 'not-judged 0'],
  ]);
});

t.test('nothing but what tells of the port aligns a step', async (t) => {
  const rates = train('lr/0', 'lr/1');
  const silent = makeCase({ measurements: [makeMeasurement('a', { verdict: 'uninformative' })] });
  t.strictSame(statesOf(rates), [
    ['ort', 'not-judged 0', 'not-judged 0', 'not-judged 0', 'not-judged 2', 'not-judged 0'],
  ]);
  t.equal(statesOf(silent)[0]![1], 'not-judged 0');
});

t.test('one bundle that fails, lacks a probe or could not run is not made good by another', async (t) => {
  const missing = makeCase({
    verdict: 'fail',
    measurements: [makeMeasurement('logits', { verdict: 'missing', reason: 'no such probe' })],
  });
  t.equal(statesOf(makeCase({ bundle: 'a' }), faultyCase({ bundle: 'b' }))[0]![1], 'differs 6');
  t.equal(statesOf(makeCase({ bundle: 'a' }), missing)[0]![1], 'differs 3');
  t.equal(statesOf(makeCase({ bundle: 'a' }), errorCase())[0]![1], 'error 3');
  const waived = { because: 'known', link: null, until: null, inheritsFrom: null };
  const [first, faulty, heir] = faultyCase().measurements;
  const known = makeCase({
    verdict: 'waived',
    measurements: [first!, { ...faulty!, waived }, { ...heir!, waived }],
  });
  t.equal(statesOf(known)[0]![1], 'differs 3');
  t.match(renderAlignment(makeResult([known]), 'en'), '| 1. forward | **differs** | 3, 2 waived |');
});

t.test('a case that fails as a whole, or as users run it, is not aligned', async (t) => {
  const few = makeCase({ verdict: 'fail', reason: 'only 3 of 9 probes were found' });
  t.equal(statesOf(makeCase({ bundle: 'a' }), few)[0]![1], 'differs 6');
  t.match(renderAlignment(makeResult([few]), 'en'), 'only 3 of 9 probes were found');
  const logits = makeMeasurement('logits', { verdict: 'fail', reason: 'error is 9 × the noise' });
  const optimised = makeCase({ verdict: 'fail', shipped: makeShipped(logits) });
  t.equal(statesOf(optimised)[0]![1], 'differs 3');
  t.match(renderAlignment(makeResult([optimised]), 'en'), 'error is 9 × the noise');
  t.equal(statesOf(makeCase({ ...few, phase: 'eval' }))[0]![2], 'differs 0');
});

t.test('the fault is the likely cause, with the figure that is above its limit', async (t) => {
  const text = renderAlignment(makeResult([faultyCase()]), 'en');
  t.match(
    text,
    '| 1. forward | **differs** | 3 | 412 × the noise (limit 4) `decode_head.align` | `decode_head.align` (segnext-t): on its own, its error is 412 × the noise; at most 4 is wanted |',
  );
  t.match(
    renderAlignment(makeResult([faultyCase()]), 'zh'),
    '| 1. 前向对齐 | **未对齐** | 3 | 412 倍噪声（上限 4） `decode_head.align` | `decode_head.align` (segnext-t)：该层自身误差为 412 倍噪声，上限为 4 |',
  );
  const shape = makeMeasurement('logits', {
    verdict: 'fail',
    reason: 'its shape is [1, 2]; [1, 3] is wanted',
    own: null,
  });
  t.match(
    renderAlignment(makeResult([makeCase({ verdict: 'fail', measurements: [shape] })]), 'en'),
    '`logits` (segnext-t): its shape is \\[1, 2\\]; \\[1, 3\\] is wanted',
  );
  t.match(
    renderAlignment(makeResult([errorCase()]), 'en'),
    '| **could not run** | 0 | – | segnext-t: Cannot run port ort',
  );
});

t.test('what was left out is said, and names cannot break out', async (t) => {
  t.match(renderAlignment(makeResult([makeCase()], { partial: true }), 'en'), /Only some of the probes/);
  const nasty = makeMeasurement(nastyName, { verdict: 'fail', reason: nastyName });
  const text = renderAlignment(
    makeResult([makeCase({ port: nastyName, verdict: 'fail', measurements: [nasty] })]),
    'zh',
  );
  const outsideCode = text.replace(/\\[\\`*_[\]|~#]/g, '').replace(/(`+)[^`].*?[^`]\1(?!`)/g, '');
  t.notMatch(outsideCode, /<b>|<\/script>/);
});
