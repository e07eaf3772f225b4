import t from 'tap';
import type { CaseResult } from '../../result/record/case-result.js';
import { faultyCase, makeCase, makeMeasurement, makeResult, missingCase } from '../result-for-tests.js';
import { arrangePage } from './arrange.js';
import { renderChart } from './chart.js';

function chartOf(...cases: CaseResult[]): string {
  return renderChart(arrangePage(makeResult(cases)).bundles[0]!).source;
}

/** The marks of the paths with exactly this class: their points. */
function marksOf(chart: string, className: string): { x: number; y: number }[] {
  const paths = [...chart.matchAll(/<path class="([^"]*)"[^>]* d="([^"]*)"/g)].filter(
    ([, name]) => name!.trim() === className,
  );
  return paths.flatMap(([, , d]) =>
    [...d!.matchAll(/M(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) })),
  );
}

t.test('a green case has a filled and a hollow mark per layer, below the limit', async (t) => {
  const chart = chartOf(makeCase());
  t.equal(marksOf(chart, 'marks p0').length, 6);
  t.equal(marksOf(chart, 'marks hole p0').length, 3);
  const [limit] = marksOf(chart, 'limit');
  t.ok(marksOf(chart, 'marks p0').every(({ y }) => y > limit!.y));
  t.notMatch(chart, /ring|leader/);
});

t.test('what is faulty has a ring and a name, above the limit; what inherits is faint', async (t) => {
  const chart = chartOf(faultyCase());
  const [limit] = marksOf(chart, 'limit');
  t.equal(marksOf(chart, 'marks p0 faint').length, 1);
  t.equal(marksOf(chart, 'marks p0 bad').length, 2, 'its accumulated and its own error');
  t.ok([...marksOf(chart, 'marks p0 bad'), ...marksOf(chart, 'marks p0 faint')].every(({ y }) => y < limit!.y));
  t.equal(marksOf(chart, 'ring').length, 1);
  t.match(chart, '>ort: decode_head.align, 412× own</text>');
});

t.test('what has no number is a cross at the top, one per port', async (t) => {
  const chart = chartOf(missingCase(), makeCase({ port: 'tfjs' }));
  t.equal(marksOf(chart, 'cross p0').length, 2);
  t.equal(marksOf(chart, 'marks p0').length, 1, 'no own error was judged');
  t.equal(marksOf(chart, 'marks p1').length, 6);
});

t.test('layers keep their place when a port has not all of them', async (t) => {
  const partial = makeCase({ port: 'tfjs', measurements: [makeMeasurement('logits', { own: null })] });
  const chart = chartOf(
    makeCase({ measurements: makeCase().measurements.map((found) => ({ ...found, own: null })) }),
    partial,
  );
  const [, , logits] = marksOf(chart, 'marks p0');
  const [only] = marksOf(chart, 'marks p1');
  t.ok(Math.abs(only!.x - logits!.x) < 10);
});

t.test('a bundle of one layer, and errors of exactly 0, are drawn inside the plot', async (t) => {
  const measurements = [makeMeasurement('logits', { noiseRatio: 0, maxRatio: 0 })];
  const chart = chartOf(makeCase({ measurements }));
  const [, bottom] = /data-bottom="([\d.]+)"/.exec(chart)!;
  t.equal(Math.max(...marksOf(chart, 'marks p0').map(({ y }) => y)), Number(bottom));
  t.notMatch(chart, /NaN|Infinity/);
});
