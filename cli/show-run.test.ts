import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { UserError } from '../harness/support/errors.js';
import { packageRoot } from '../harness/support/package-root.js';
import { tinyBundle } from '../test/tiny-bundle.js';
import { showRun } from './show-run.js';

t.test('the live line of a run that throws stands still: its clock ends with it', async (t) => {
  const port = { name: 'zeros', about: null, module: join(packageRoot, 'test', 'ports', 'zeros.mjs'), settings: {} };
  const plan = planRun({ ports: [port], bundles: [tinyBundle()], device: 'auto' });
  const shown = showRun([plan]);
  t.intercept(process.stderr, 'isTTY', { value: true });
  const written = t.capture(process.stderr, 'write', () => true);
  const listener = {
    ...shown,
    onPhase(...phase: Parameters<NonNullable<typeof shown.onPhase>>) {
      shown.onPhase?.(...phase);
      throw new UserError('not this one');
    },
  };
  await t.rejects(runPlan(plan, listener), { message: 'not this one' });
  t.equal(written.args().length, 1, 'it was drawn once');
  await sleep(1200);
  t.equal(written.args().length, 0, 'and not again');
});
