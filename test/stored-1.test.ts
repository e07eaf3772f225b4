import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findReporters } from '../harness/reporters/find-reporters.js';
import { renderJson } from '../harness/reporters/formats/json.js';
import { parseResult } from '../harness/result/parse-result.js';
import { isWithin } from '../harness/result/record/case-result.js';
import { compareRuns } from '../harness/run/compare-runs.js';
import { findContradictions } from '../harness/run/find-contradictions.js';
import { findHeadlineFaults } from '../harness/run/find-headline-faults.js';
import { judgeBaseline } from '../harness/run/judge-baseline.js';
import { mergeResults } from '../harness/run/merge-results.js';
import { packageRoot } from '../harness/support/package-root.js';

// Runs that version 0.1.0 stored, of each sort: README.md there says how they were made.
const folder = join(packageRoot, 'test', 'stored-1');
const sorts = readdirSync(folder).filter((name) => name.endsWith('.json'));
const textOf = (sort: string) => readFileSync(join(folder, sort), 'utf8');
const read = (sort: string) => parseResult(textOf(sort), sort);

t.test('there is one of each sort', async (t) => {
  t.strictSame(sorts.sort(), [
    'baseline.json',
    'evaluation.json',
    'merged.json',
    'suite.json',
    'tipc.json',
    'training.json',
    'waived.json',
  ]);
});

for (const sort of sorts) {
  t.test(`a stored ${sort} of format 1 is read, holds, and is stored as format 2`, async (t) => {
    const result = read(sort);
    t.match(result, {
      format: 'tipcheck-result/2',
      limits: 'limits/1',
      goldens: 'goldens/1',
      tipcheckVersion: '0.1.0',
    });
    t.strictSame(findContradictions(result), []);
    t.strictSame(findHeadlineFaults(result), []);
    t.strictSame(parseResult(renderJson(result)), result);
    for (const [name, { render }] of await findReporters()) t.type(render(result), 'string', name);
    if (result.cases.length === 0) return;
    t.equal(compareRuns(result, result, { factor: 1, atol: 0, rtol: 0 }).differences.length, 0);
    const [one] = [{ label: 'one', result }];
    t.equal(mergeResults([one!]).limits, 'limits/1');
    if (!result.partial)
      t.strictSame(
        judgeBaseline(result, result).findings.filter(({ what }) => what !== 'worse'),
        [],
      );
  });
}

t.test('what version 1 measured is kept to the last digit', async (t) => {
  const stored = JSON.parse(textOf('training.json'));
  const { cases } = read('training.json');
  for (const [at, one] of stored.cases[0].measurements.entries()) {
    const [first, ...others] = cases[0]!.measurements[at]!.figures;
    t.equal(first!.value, one.noiseRatio, one.name);
    for (const { value } of others) t.equal(value, one.maxRatio, one.name);
  }
});

t.test('a training has the limits of its kinds, and a suite its stricter ones', async (t) => {
  const limitOf = (sort: string, name: RegExp) =>
    read(sort).cases[0]!.measurements.find((one) => name.test(one.name) && one.verdict === 'pass')?.figures[0]?.limit;
  t.equal(limitOf('training.json', /^lr\//), 1);
  t.equal(limitOf('training.json', /^grads\//), 8);
  t.equal(limitOf('training.json', /^params\//), 16);
  t.equal(limitOf('suite.json', /./), 2.5);
  t.match(read('suite.json').cases[0]!.measurements[0]!.figures[0]!.because, /^the error of a whole forward/);
});

t.test('an evaluation has the figures that its modes hold', async (t) => {
  const { measurements } = read('evaluation.json').cases[0]!;
  for (const kind of ['averaged-logits', 'label-map', 'confusion', 'miou'])
    t.ok(measurements.filter((one) => one.kind === kind).every(isWithin), kind);
  t.match(measurements.find(({ kind }) => kind === 'miou')?.figures, [{ value: 0, limit: 1e-5 }, {}]);
  t.match(measurements.find(({ kind }) => kind === 'metrics')?.figures, [{ value: null, limit: null }]);
});

t.test('a limit that was loosened in a stored run is found', async (t) => {
  const text = textOf('training.json').replace(/"noiseRatio": ?8,/, '"noiseRatio": 400,');
  t.match(findContradictions(parseResult(text)).join('\n'), /the limit of rms of grads\/.* is 400; at most 8 × noise/);
});
