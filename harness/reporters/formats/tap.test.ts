import t from 'tap';
import { Parser } from 'tap-parser';
import {
  errorCase,
  faultyCase,
  makeCase,
  makeMeasurement,
  makeResult,
  missingCase,
  nastyName,
} from '../result-for-tests.js';
import { renderTap } from './tap.js';

/**
 * What a TAP reader sees, strictly: each assertion as `ok|not ok|skip name`, subtests included; throws on lines that
 * are not TAP.
 */
function readTap(text: string) {
  const seen: string[] = [];
  const diagnostics: unknown[] = [];
  const listen = (parser: Parser) => {
    parser.on('extra', (line: string) => {
      throw new Error(`not TAP: ${line}`);
    });
    parser.on('child', listen);
    parser.on('assert', ({ ok, name, skip, diag }) => {
      seen.push(`${skip ? 'skip' : ok ? 'ok' : 'not ok'} ${name}`);
      diagnostics.push(diag);
    });
  };
  const parser = new Parser({ strict: true });
  listen(parser);
  parser.end(text);
  return { seen, diagnostics, results: parser.results };
}

t.test('a subtest per case, a point per probe, the run at the end', async (t) => {
  const text = renderTap(makeResult([makeCase()]));
  t.equal(
    text,
    `TAP version 14
1..2
# Subtest: ort/segnext-t
    1..3
    ok 1 - backbone.norm1
    ok 2 - decode_head.align
    ok 3 - logits
ok 1 - ort/segnext-t
ok 2 - the run as a whole
`,
  );
  t.match(readTap(text).results, { ok: true, fail: 0, count: 2 });
});

t.test('a failing probe has its figures as a diagnostic', async (t) => {
  const { seen, diagnostics, results } = readTap(renderTap(makeResult([faultyCase()])));
  t.same(seen, [
    'ok backbone.norm1',
    'not ok decode_head.align',
    'not ok logits',
    'not ok ort/segnext-t',
    'not ok the run as a whole',
  ]);
  t.match(diagnostics[1], { blame: 'faulty', verdict: 'fail', noiseRatio: 380, own: { noiseRatio: 412 } });
  t.match(diagnostics[2], { blame: 'inherits' });
  t.equal(results?.ok, false);
});

t.test('missing fails, what did not run is skipped while the run is red, and a crash says why', async (t) => {
  t.ok(readTap(renderTap(makeResult([missingCase()]))).seen.includes('not ok decode_head.align'));
  const idle = readTap(renderTap(makeResult([errorCase({ verdict: 'not-run', reason: 'no GPU' })])));
  t.same(idle.seen, ['skip ort/segnext-t', 'not ok the run as a whole']);
  const crashed = readTap(renderTap(makeResult([errorCase()])));
  t.match(crashed.diagnostics[0], { verdict: 'error', reason: 'Cannot run port ort: it was killed by SIGKILL' });
  const measurements = [makeMeasurement('a', { verdict: 'uninformative' }), makeMeasurement('b')];
  t.ok(readTap(renderTap(makeResult([makeCase({ measurements })]))).seen.includes('skip a'));
});

t.test('a name cannot become a directive or a line of its own', async (t) => {
  const measurements = [makeMeasurement(nastyName), makeMeasurement('x\nok 9 - forged # SKIP')];
  const { seen, results } = readTap(
    renderTap(makeResult([makeCase({ port: nastyName, id: nastyName, measurements })])),
  );
  t.equal(seen.length, 4);
  t.equal(results?.skip, 0);
  t.equal(seen[1], 'ok x ok 9 - forged # SKIP');
});
