import t from 'tap';
import { errorCase, faultyCase, makeCase, makeResult } from '../../harness/reporters/result-for-tests.js';
import { gateKinds } from './gate-inputs.js';
import { outcomeOf } from './gate-outcome.js';
import { cutSummary } from './github-files.js';

const all = { failOn: gateKinds, require: [] };
const pass = makeResult([makeCase()]);

t.test('what tipcheck ended with is what the gate says', async (t) => {
  t.match(outcomeOf(0, pass, all), { verdict: 'pass', exitCode: 0, firstFault: '', unmet: null });
  t.match(outcomeOf(1, makeResult([faultyCase()]), all), {
    verdict: 'fail',
    exitCode: 1,
    firstFault: 'decode_head.align',
  });
  t.match(outcomeOf(3, makeResult([errorCase()]), all), { verdict: 'error', exitCode: 3 });
  t.match(outcomeOf(0, makeResult([], { verdict: 'waived' }), all), { verdict: 'waived', exitCode: 1 });
});

t.test('a part that did not run is not-run, also where all that ran passes', async (t) => {
  t.match(outcomeOf(3, makeResult([], { verdict: 'not-run' }), all), { verdict: 'not-run', exitCode: 3 });
  t.match(outcomeOf(3, pass, all), { verdict: 'not-run', exitCode: 3 });
  t.match(outcomeOf(3, pass, { ...all, failOn: ['fail'] }), { verdict: 'not-run', exitCode: 0 });
});

t.test('a figure that a baseline finds worse is a failure although every case passes', async (t) => {
  t.match(outcomeOf(1, pass, all), { verdict: 'fail', exitCode: 1 });
});

t.test('no result is an error, whatever the exit code says', async (t) => {
  for (const code of [0, 1, 3, 137, null]) t.match(outcomeOf(code, null, all), { verdict: 'error', exitCode: 3 });
  t.match(outcomeOf(null, pass, all), { verdict: 'error', exitCode: 3 });
  t.match(outcomeOf(0, makeResult([faultyCase()]), all), { verdict: 'error' }, 'nor one that contradicts it');
});

t.test('bad usage is let through by nothing', async (t) => {
  t.match(outcomeOf(2, null, { failOn: [], require: [] }), { verdict: 'usage', exitCode: 2 });
});

t.test('what is required must have run: a port in some case, a device in all', async (t) => {
  const cases = [makeCase(), errorCase({ port: 'tfjs' })];
  t.match(outcomeOf(3, makeResult(cases), { failOn: [], require: ['ort'] }), { exitCode: 0, unmet: null });
  t.match(outcomeOf(3, makeResult(cases), { failOn: [], require: ['ort', 'tfjs'] }), {
    exitCode: 1,
    unmet: 'required and not run: tfjs',
  });
  t.match(outcomeOf(0, pass, { failOn: [], require: ['cpu'] }), { exitCode: 0 });
  t.match(outcomeOf(0, pass, { failOn: [], require: ['gpu'] }), { verdict: 'not-run', exitCode: 1 });
  t.match(outcomeOf(3, null, { failOn: [], require: ['ort'] }), { verdict: 'error', exitCode: 1 });
  t.match(outcomeOf(3, makeResult([errorCase()]), { failOn: ['error'], require: ['ort'] }), { exitCode: 3 });
});

t.test('a summary is cut at a line, within its bytes, and says so', async (t) => {
  t.equal(cutSummary('short\n'), 'short\n');
  const long = 'ünïcödé · ×\n'.repeat(1000);
  const cut = cutSummary(long, 2000);
  t.ok(Buffer.byteLength(cut) <= 2000);
  t.match(cut, /ünïcödé · ×\n\nThis summary was cut to the size that GitHub takes; the report has all of it\.\n$/);
  t.notMatch(cut, '\uFFFD');
  t.ok(Buffer.byteLength(cutSummary('x\n'.repeat(2 ** 20))) <= 2 ** 20);
});
