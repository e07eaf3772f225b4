import t from 'tap';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { UnusableInput } from '../runners/tipcheck/graph-runs.js';
import { unjudgedStep } from './unjudged-step.js';

const system = (code: string, syscall: string) =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, syscall, path: '/out/model.pdparams' });

t.test('what the machine cannot do while a step is judged is an error, and no disagreement of the port', async (t) => {
  for (const [code, text] of Object.entries({
    EMFILE:
      'Cannot open /out/model.pdparams: too many files are open; a higher limit of them is wanted. Fix: ulimit -n 1024',
    EIO: 'Cannot read /out/model.pdparams: its disk reports an error; a machine that can is wanted',
    ENOSPC: 'Cannot read /out/model.pdparams: the disk is full; a machine that can is wanted',
  }))
    t.strictSame(unjudgedStep(system(code, code === 'EMFILE' ? 'open' : 'read')), { verdict: 'error', reason: text });
  t.strictSame(unjudgedStep(new EnvironmentError('no GPU')), { verdict: 'error', reason: 'no GPU' });
});

t.test('a defect of the judge is an error, and no disagreement of the port', async (t) => {
  const found = unjudgedStep(new TypeError('x is undefined'));
  t.strictSame(found, { verdict: 'error', reason: 'the judge of this step failed: TypeError: x is undefined' });
  t.match(unjudgedStep('thrown'), { verdict: 'error', reason: 'the judge of this step failed: thrown' });
});

t.test('what a step left and cannot be used is a disagreement; what the user gave is the user’s', async (t) => {
  t.strictSame(unjudgedStep(new UserError('Cannot use m')), { verdict: 'fail', reason: 'Cannot use m' });
  t.match(unjudgedStep(system('EACCES', 'open')), { verdict: 'fail', reason: /it may not be read or written/ });
  t.strictSame(unjudgedStep(new UnusableInput('Cannot run a.png')), {
    verdict: 'error',
    blame: 'user',
    reason: 'Cannot run a.png',
  });
});
