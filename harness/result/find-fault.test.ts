import t from 'tap';
import { makeMeasurement, makeOwn } from '../reporters/result-for-tests.js';
import { findFault } from './find-fault.js';
import type { Measurement } from './record/case-result.js';

const ok = (name: string) => makeMeasurement(name, { own: null });
const bad = (name: string) => makeMeasurement(name, { verdict: 'fail', noiseRatio: 40, own: null });
const gone = (name: string) => makeMeasurement(name, { verdict: 'missing', noiseRatio: null, own: null });

/** Of a training with these failing; all else agrees. */
const training = (...failing: readonly string[]) => {
  const names = [
    'lr/0',
    'lr/1',
    'loss/0',
    'loss/1',
    'loss/2',
    'grads/a',
    'grads/b',
    'grads/c',
    'params/a',
    'params/b',
    'buffers/m',
  ];
  return findFault(names.map((name) => (failing.includes(name) ? bad(name) : ok(name))));
};

t.test('the likely cause of a training is of the first kind of causes that fails', async (t) => {
  t.equal(training(), null);
  for (const [failing, kind, name] of [
    [['lr/1', 'loss/0', 'grads/a'], 'rate', 'lr/1'],
    [['loss/0', 'loss/1', 'grads/a', 'params/a'], 'loss', 'loss/0'],
    [['loss/1', 'params/a', 'buffers/m'], 'later-loss', 'loss/1'],
    [['loss/2', 'loss/1'], 'later-loss', 'loss/1'],
    [['params/b', 'params/a', 'buffers/m'], 'parameter', 'params/a'],
    [['buffers/m'], 'buffer', 'buffers/m'],
  ] as const)
    t.strictSame(training(...failing), { kind, name }, failing.join(' '));
});

t.test('of gradients it is the last that fails, and no later loss is a cause beside one', async (t) => {
  t.strictSame(training('loss/1', 'loss/2', 'grads/a', 'grads/b', 'params/a'), { kind: 'gradient', name: 'grads/b' });
  t.strictSame(findFault([bad('grads/a'), gone('grads/b'), ok('grads/c')]), {
    kind: 'gradient',
    name: 'grads/b',
  });
});

t.test('a layer counts by its own error where that is judged, else by its accumulated one', async (t) => {
  const heir = (name: string, changes: Partial<Measurement> = {}) =>
    makeMeasurement(name, { verdict: 'fail', noiseRatio: 40, own: makeOwn(), ...changes });
  const faulty = (name: string) => heir(name, { own: makeOwn({ verdict: 'fail', noiseRatio: 30 }) });
  const forward = (name: string) => ({ kind: 'forward', name });
  t.strictSame(findFault([ok('a'), heir('b'), faulty('c'), faulty('d')]), forward('c'));
  t.strictSame(findFault([bad('a'), faulty('b')]), forward('a'), 'no complete probe precedes the first');
  const reported = heir('b', { own: makeOwn({ verdict: 'reported', noiseRatio: null }) });
  t.strictSame(findFault([ok('a'), reported, faulty('c')]), forward('b'));
  t.strictSame(findFault([ok('a'), gone('b')]), forward('b'));
  t.strictSame(findFault([ok('a'), { ...gone('b'), own: makeOwn() }]), forward('b'), 'gone in the plain run');
  t.equal(findFault([ok('a'), heir('b')]), null, 'only rounding adds up');
});

t.test('an evaluation has none: its figures follow from one another', async (t) => {
  t.equal(findFault([bad('single/0/logits')]), null);
});
