import t from 'tap';
import { parseResult } from '../../result/parse-result.js';
import {
  errorCase,
  faultyCase,
  makeCase,
  makeMeasurement,
  makeResult,
  missingCase,
  nastyName,
} from '../result-for-tests.js';
import { renderJson } from './json.js';

const results = {
  'all green': makeResult([makeCase(), makeCase({ port: 'tfjs' })]),
  faulty: makeResult([faultyCase()]),
  'missing and NaN': makeResult([missingCase()]),
  error: makeResult([errorCase()]),
  'not run': makeResult([errorCase({ verdict: 'not-run' })]),
  partial: makeResult([makeCase()], { partial: true, suite: 'suites/segnext.yaml' }),
  'no case': makeResult([], { verdict: 'fail' }),
  'nasty names': makeResult([makeCase({ port: nastyName, measurements: [makeMeasurement(nastyName)] })]),
};

for (const [name, result] of Object.entries(results)) {
  t.test(`a stored result reads back as it was: ${name}`, async (t) => {
    t.strictSame(parseResult(renderJson(result)), result);
  });
}

t.test('the order of keys does not depend on how the result was made', async (t) => {
  const result = makeResult([faultyCase()]);
  const backwards = JSON.parse(JSON.stringify(result), (_key, value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).reverse())
      : value,
  );
  t.not(JSON.stringify(backwards), JSON.stringify(result));
  t.equal(renderJson(backwards), renderJson(result));
});

t.test('a probe is a line, with its name first', async (t) => {
  const lines = renderJson(makeResult([faultyCase()])).split('\n');
  t.equal(lines.filter((line) => line.trimStart().startsWith('{"name":"')).length, 3);
  t.equal(lines[1], '  "format": "tipcheck-result/2",');
});

t.test('a number that is not finite is stored as null', async (t) => {
  const measurements = [makeMeasurement('a', { relRms: Number.NaN, maxRatio: Number.POSITIVE_INFINITY })];
  const [found] = parseResult(renderJson(makeResult([makeCase({ measurements })]))).cases;
  t.match(found?.measurements[0], { relRms: null, figures: [{ value: 1.3 }, { value: null }] });
});
