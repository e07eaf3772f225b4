import t from 'tap';
import { breakPort } from '../bugs/broken-port.js';
import { showingsIn } from '../bugs/bug.js';
import { readBugs } from '../bugs/read-bugs.js';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { findTfjsAddon } from '../ports/tfjs/addon.js';

t.setTimeout(600_000);

const golden = 'segnext-t-train';
/** Those of the tape are wrong-backward.test's. */
const faults = [...(await readBugs())].flatMap(([name, bug]) =>
  bug.tape === undefined ? showingsIn(bug, golden).map((showing) => ({ name, ...showing })) : [],
);

t.test('eight bugs show in training alone', async (t) => {
  t.equal(faults.length, 8);
});

for (const port of ['ort', 'tfjs']) {
  for (const { name, first, cause } of faults) {
    t.test(`${port} with the bug ${name} is red where it shows first`, async (t) => {
      if (port === 'tfjs' && findTfjsAddon('cpu') === null) {
        t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
        return;
      }
      const bundle = await readBundle(resolveBundleFolder(golden));
      const [found] = await runPlan(planRun({ ports: [breakPort(port, name)], bundles: [bundle], device: 'cpu' }));
      t.equal(found?.reason, null);
      t.equal(found?.verdict, 'fail');
      t.match(found?.firstFault, first);
      t.match(found?.fault, { kind: cause, name: first });
    });
  }
}
