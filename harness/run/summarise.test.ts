import t from 'tap';
import { faultyCase, makeCase, makeMeasurement, manyFaultsCase } from '../reporters/result-for-tests.js';
import type { CaseResult } from '../result/record/case-result.js';
import { summariseRun } from './summarise.js';

const context = { runId: 'r', startedAt: new Date(), command: [], suite: null, partial: false };
const headline = (...cases: readonly CaseResult[]) => summariseRun(cases, context).summary;

t.test('the headline names the first fault, and counts the others', async (t) => {
  t.match(headline(faultyCase()), /; ort\/segnext-t goes wrong first at decode_head\.align\.$/);
  t.match(headline(manyFaultsCase(3)), / goes wrong first at fault0, and on their own 2 more are at fault\.$/);
});

t.test('in a training the headline names the likely cause', async (t) => {
  const failing = { verdict: 'fail', firstFault: 'loss/1', firstFaultBy: 'accumulated', phase: 'train' } as const;
  const measurements = [makeMeasurement('grads/head', { verdict: 'fail', own: null })];
  const cause = (fault: CaseResult['fault']) => headline(makeCase({ ...failing, measurements, fault }));
  t.match(
    cause({ kind: 'gradient', name: 'grads/head' }),
    /goes wrong at grads\/head, the wrong gradient that is nearest to the loss\.$/,
  );
  t.match(cause(null), /goes wrong first at loss\/1\.$/);
});

t.test('one probe is one probe', async (t) => {
  t.match(headline(makeCase({ measurements: [makeMeasurement('logits')] })), /, 1 probe compared\.$/);
  t.match(headline(makeCase()), /, 3 probes compared\.$/);
});
