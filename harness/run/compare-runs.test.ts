import t from 'tap';
import {
  evaluatedCase,
  makeCase,
  makeMeasurement,
  makeResult,
  makeStep,
  makeTipcResult,
} from '../reporters/result-for-tests.js';
import type { Result } from '../result/record/result.js';
import { compareRuns } from './compare-runs.js';

const tolerances = { factor: 2, atol: 1e-3, rtol: 1e-3 };
const good = makeResult([makeCase()]);
const differences = (actual: Result, expected: Result) => compareRuns(actual, expected, tolerances).differences;

t.test('two equal runs agree, and say how much was compared', async (t) => {
  t.match(compareRuns(good, good, tolerances), {
    differences: { length: 0 },
    compared: 14,
    cases: [{ actual: 'ort/segnext-t', apart: { length: 0 } }],
  });
});

t.test('a multiple of the noise may differ by the factor, either way, above the floor', async (t) => {
  const of = (noiseRatio: number) =>
    makeResult([makeCase({ measurements: [makeMeasurement('norm', { noiseRatio })] })]);
  t.strictSame(differences(of(0.1), of(0.9)), []);
  t.strictSame(differences(of(3), of(1.3)), ['ort/segnext-t: norm, accumulated is 3 ×; 1.3 × in the other']);
  t.strictSame(differences(of(1.3), of(3)), ['ort/segnext-t: norm, accumulated is 1.3 ×; 3 × in the other']);
});

t.test('cases of two ports are paired by bundle where each run has one port', async (t) => {
  const other = makeResult([makeCase({ port: 'tfjs' })]);
  t.match(compareRuns(good, other, tolerances), {
    differences: { length: 0 },
    cases: [{ actual: 'ort/segnext-t', expected: 'tfjs/segnext-t' }],
  });
  const both = makeResult([makeCase(), makeCase({ port: 'tfjs' })]);
  t.strictSame(differences(both, good), ['tfjs/segnext-t is in the first run alone']);
  t.strictSame(differences(good, both), ['tfjs/segnext-t is in the second run alone']);
});

t.test('other verdicts and probes of one run alone are differences', async (t) => {
  const changed = makeResult([
    makeCase({
      verdict: 'fail',
      measurements: [
        makeMeasurement('backbone.norm1', { verdict: 'fail' }),
        makeMeasurement('new'),
        makeMeasurement('logits'),
      ],
    }),
  ]);
  t.strictSame(differences(changed, good), [
    'ort/segnext-t is fail; pass in the other',
    'ort/segnext-t: backbone.norm1 is fail; pass in the other',
    'ort/segnext-t: new is in the first run alone',
    'ort/segnext-t: decode_head.align is in the second run alone',
  ]);
});

t.test('mIoU and class IoUs of evaluations are held within atol + rtol', async (t) => {
  const of = (mIoU: number | null) => {
    const metrics = {
      mIoU,
      classIou: [0.9, null],
      confusion: [
        [90, 10],
        [0, 0],
      ],
    };
    return makeResult([evaluatedCase({}, { actual: metrics })]);
  };
  t.strictSame(differences(of(0.6123), of(0.6134)), []);
  t.strictSame(differences(of(0.61), of(0.6134)), ['ort/street: single, mIoU is 0.61; 0.6134 in the other']);
  t.strictSame(differences(of(null), of(0.6134)), ['ort/street: single, mIoU is not finite; 0.6134 in the other']);
});

t.test('of steps, verdicts and figures that are not times are held', async (t) => {
  const times = ['inference (ms)', 'batch cost (s)', 'ips (samples/s)', 'peak memory (MB)', 'seconds an image'];
  const of = (loss: number, time: number) => {
    const figures = { 'last loss': loss, ...Object.fromEntries(times.map((name) => [name, time])) };
    return makeTipcResult([makeStep({ figures })]);
  };
  t.match(compareRuns(of(2.5, 1), of(2.5, 9), tolerances), { differences: { length: 0 }, compared: 1 });
  t.strictSame(differences(of(2.5, 1), of(2.51, 1)), ['ort/1-train: last loss is 2.5; 2.51 in the other']);
  const evaluated = makeTipcResult([makeStep({ figures: { 'last loss': 2.5, mIoU: 0.6 } })]);
  t.strictSame(differences(evaluated, of(2.5, 1)), ['step ort/1-train: mIoU is in the first run alone']);
  t.strictSame(differences(of(2.5, 1), evaluated), ['step ort/1-train: mIoU is in the second run alone']);
  const failing = makeTipcResult([makeStep({ verdict: 'fail', reason: 'its loss is constant' })]);
  t.strictSame(differences(failing, of(2.5, 1)), ['step ort/1-train is fail; pass in the other']);
  const two = makeTipcResult([makeStep(), makeStep({ number: 2, kind: 'export' })]);
  t.strictSame(differences(two, makeTipcResult([makeStep()])), ['step ort/2-export is in the first run alone']);
});
