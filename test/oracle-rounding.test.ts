import { execa } from 'execa';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';

/** What needs Paddle is run by goldens.test.ts, where the oracle's environment is. */
t.test('the oracle rounds as fp16, bf16 and tf32 do', async (t) => {
  const python = (...args: string[]) => execa('python3', args, { cwd: packageRoot, reject: false, all: true });
  if ((await python('-c', 'import numpy')).exitCode !== 0) return t.comment('not run: python3 has no NumPy');
  const { exitCode, all } = await python('-m', 'unittest', 'oracle.tests.test_rounding');
  t.equal(exitCode, 0, all);
});
