import t from 'tap';
import { makeCase, makeMeasurement, makeOwn } from '../../reporters/result-for-tests.js';
import type { CaseResult } from '../../result/record/case-result.js';
import { EnvironmentError } from '../../support/errors.js';
import { summariseReleases, type Tried } from './bisect-versions.js';
import type { Bits } from './judge-release.js';

/** A letter stands for a hash: of layers a and b and the output, in each run. */
interface Given {
  readonly plain?: string;
  readonly own?: string;
  readonly shipped?: string;
  readonly result?: Partial<CaseResult>;
}

const names = ['a', 'b', 'logits'];
const hashes = (letters: string) => new Map([...letters].map((letter, at) => [names[at]!, letter]));

function judged(release: string, { plain = 'xyz', own = plain, shipped = 'z', result = {} }: Given = {}): Tried {
  const measurements = names.map((name) => makeMeasurement(name));
  const bits: Bits = { plain: hashes(plain), own: hashes(own), shipped: new Map([['logits', shipped]]) };
  return { release, judged: { release, result: makeCase({ measurements, ...result }), bits }, refused: null };
}

const refused = (release: string): Tried => ({ release, judged: null, refused: new EnvironmentError('no\nlibrary') });
const failing = (name: string, times: number): Partial<CaseResult> => ({
  verdict: 'fail',
  firstFault: name,
  measurements: names.map((one) =>
    one === name
      ? makeMeasurement(one, { verdict: 'fail', reason: 'too far', own: makeOwn({ noiseRatio: times }) })
      : makeMeasurement(one),
  ),
});

t.test('a layer that only inherits other bits has not changed', async (t) => {
  const { rows, end, exitCode } = summariseReleases([
    judged('1.0.0'),
    judged('1.1.0', { plain: 'xYZ', own: 'xYz', shipped: 'Z' }),
  ]);
  t.equal(
    rows[1]!.at(-1),
    '1 of 3 layers, first b: 2.1× noise, largest 1.9×; it was 2.1× noise, largest 1.9×',
    'b, and not logits',
  );
  t.equal(end, 'pass  no verdict changed: 2 releases pass; bits change in 1.1.0');
  t.equal(exitCode, 0);
});

t.test('without own runs all that differs has changed', async (t) => {
  const { rows } = summariseReleases([judged('1.0.0', { own: '' }), judged('1.1.0', { plain: 'xYZ', own: '' })]);
  t.match(rows[1]!.at(-1), /^2 of 3 layers, first b: /);
});

t.test('an output that differs only in the graph that users run is told', async (t) => {
  const { rows, end } = summariseReleases([judged('1.0.0'), judged('1.1.0', { shipped: 'Z' })]);
  t.equal(rows[1]!.at(-1), 'no layer, but logits without probes');
  t.equal(end, 'pass  no verdict changed: 2 releases pass; bits change in 1.1.0');
});

t.test('the release at which a verdict changes is named with the layer, and the change back', async (t) => {
  const { end, exitCode } = summariseReleases([
    judged('1.0.0'),
    judged('1.1.0', { result: failing('b', 40) }),
    judged('1.2.0'),
  ]);
  t.equal(exitCode, 1);
  t.equal(
    end,
    'fail  1.1.0 changes the verdict of b from pass to fail: too far, own error 40× noise, largest 1.9×; in 1.0.0 2.1× noise, largest 1.9×; 1.2.0 changes the verdict of b from fail to pass: own error 2.1× noise, largest 1.9×; in 1.1.0 40× noise, largest 1.9×',
  );
});

t.test('a fault that moves to another layer is a change, too', async (t) => {
  const { end } = summariseReleases([
    judged('1.0.0', { result: failing('logits', 40) }),
    judged('1.1.0', { result: failing('a', 40) }),
  ]);
  t.match(end, /^fail {2}1\.1\.0 changes the verdict of a from pass to fail: /);
});

t.test('a release that did not run is compared with nothing, and the next with the last that ran', async (t) => {
  const { rows, end, exitCode } = summariseReleases([
    judged('1.0.0'),
    refused('1.1.0'),
    judged('1.2.0', { result: failing('b', 40) }),
  ]);
  t.strictSame(rows[1], ['1.1.0', 'not run', '', 'no library']);
  t.match(end, /^error {2}1\.2\.0 changes the verdict of b from pass to fail: .*; in 1\.0\.0 .*; not run: 1\.1\.0$/);
  t.equal(exitCode, 3, '3 goes before 1');
});

t.test('the worst own error is that of the layer nearest to its limit', async (t) => {
  const measurements = [
    makeMeasurement('a', { own: makeOwn({ noiseRatio: 3, maxRatio: 1 }) }),
    makeMeasurement('b', { own: makeOwn({ noiseRatio: 1, maxRatio: 7.9 }) }),
  ];
  const { rows } = summariseReleases([judged('1.0.0', { result: { measurements } })]);
  t.equal(rows[0]![2], '1.0× noise, largest 7.9×, b');
});
