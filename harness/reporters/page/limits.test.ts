import t from 'tap';
import { makeCase, makeMeasurement, makeResult } from '../result-for-tests.js';
import { arrangePage } from './arrange.js';
import { renderChart } from './chart.js';
import { renderFacts } from './facts.js';
import { spansOf } from './limits.js';

/** A training whose parameter passes at 12 ×, which no gradient could. */
const training = makeCase({
  phase: 'train',
  shipped: null,
  meaning: null,
  measurements: [
    makeMeasurement('lr/0', { noiseRatio: 0 }),
    makeMeasurement('loss/0'),
    makeMeasurement('loss/1'),
    ...Array.from({ length: 100 }, (_, at) => makeMeasurement(`grads/w${at}`, { noiseRatio: 3 })),
    makeMeasurement('grads/last', { verdict: 'uninformative', noiseRatio: 40 }),
    ...Array.from({ length: 100 }, (_, at) => makeMeasurement(`params/w${at}`, { noiseRatio: 12 })),
  ],
});

t.test('every layer of the chart lies below its own limit where it passes', async (t) => {
  const page = arrangePage(makeResult([training]));
  t.strictSame(spansOf(page.bundles[0]!), [
    { limit: 1, first: 0, last: 0 },
    { limit: 8, first: 1, last: 103 },
    { limit: 16, first: 104, last: 203 },
  ]);
  const chart = renderChart(page.bundles[0]!).source;
  const limits = [...chart.matchAll(/<path class="limit" d="M([\d.]+) ([\d.]+)H([\d.]+)"/g)].map((found) =>
    found.slice(1).map(Number),
  );
  t.equal(limits.length, 3);
  const [, ofGradients, ofParameters] = limits;
  t.ok(ofParameters![1]! < ofGradients![1]!, '16 × lies above 8 ×');
  t.equal(ofGradients![2], ofParameters![0], 'one begins where the other ends');
  t.match(chart, '>limit 16×</text>');
  t.match(chart, '>limit 8×</text>');
  t.notMatch(chart, '>limit 1×</text>', 'a line of one layer has no room for its name');
});

t.test('ports of one limit share a line, and a stricter suite draws its own', async (t) => {
  const strict = makeCase({ port: 'tfjs' });
  const measurements = strict.measurements.map((one) => ({
    ...one,
    figures: one.figures.map((figure) => (figure.name === 'rms' ? { ...figure, limit: 2.5 } : figure)),
  }));
  const limitsOf = (...cases: readonly (typeof strict)[]) =>
    spansOf(arrangePage(makeResult(cases)).bundles[0]!).map(({ limit }) => limit);
  t.strictSame(limitsOf(makeCase(), strict), [4]);
  t.strictSame(limitsOf(makeCase(), { ...strict, measurements }), [4, 2.5]);
});

t.test('the page says the limits of each kind and where they are from', async (t) => {
  const facts = renderFacts(arrangePage(makeResult([training]))).source;
  t.match(facts, '<li>rate: error 1 × noise (contract: a learning rate is computed');
  t.match(
    facts,
    '<li>gradient: rms 8 × noise, largest 16 × noise (contract: honest ports stay within 3.2 × on training)',
  );
  t.match(facts, '<li>parameter: rms 16 × noise, largest 32 × noise (contract: one element with |g|');
  t.notMatch(facts, '64 ×', 'what is not informative has no limit that a reader looks for');
});
