import t from 'tap';
import { breakPort } from '../bugs/broken-port.js';
import { showingsIn } from '../bugs/bug.js';
import { readBug } from '../bugs/read-bugs.js';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { UserError } from '../harness/support/errors.js';

t.setTimeout(600_000);

const [golden, name] = ['segnext-t-train', 'wrong-backward'] as const;
/** Of ort, which differentiates by rules of ours; `npm run test:all` tries all of them. */
const faults = showingsIn(await readBug(name), golden);
const tried = process.env.TIPCHECK_TEST_ALL === '1' ? faults : faults.slice(0, 1);

t.test('five layers hold it', async (t) => {
  t.equal(new Set(faults.map(({ layer }) => layer)).size, 5);
});

for (const [at, { layer, first, cause }] of tried.entries()) {
  t.test(`a wrong backward of ${layer} is named there, and not at the first gradient that fails`, async (t) => {
    const port = breakPort('ort', name, layer);
    const bundle = await readBundle(resolveBundleFolder(golden));
    // Of the first all steps are made, so that later losses and parameters fail beside the gradients.
    const only = at === 0 ? {} : { only: ['loss/0', 'grads/*'] };
    const [found] = await runPlan(planRun({ ports: [port], bundles: [bundle], device: 'cpu', ...only }));
    t.equal(found?.reason, null);
    t.equal(found?.verdict, 'fail');
    t.equal(found?.measurements.find(({ name }) => name === 'loss/0')?.verdict, 'pass', 'the forward is right');
    t.equal(found?.fault?.kind, cause);
    t.match(found?.fault?.name, first);
    t.not(found?.firstFault, found?.fault?.name, 'what fails first in the file is another');
  });
}

t.test('a port that differentiates by itself cannot be broken so', async (t) => {
  const bundle = await readBundle(resolveBundleFolder(golden));
  const plan = planRun({ ports: [breakPort('tfjs', name, 'x')], bundles: [bundle], device: 'cpu' });
  const message = 'Cannot plant wrong-backward in tfjs: it differentiates by itself; ort is wanted';
  await t.rejects(runPlan(plan), new UserError(message));
});
