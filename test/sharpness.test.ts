import t from 'tap';
import { breakPort } from '../bugs/broken-port.js';
import { type InferGolden, showingsIn } from '../bugs/bug.js';
import { readBugs } from '../bugs/read-bugs.js';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { explainFault } from '../harness/reporters/explain.js';
import { recogniseRounding } from '../harness/result/record/recognise-rounding.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { exitCodeOfVerdict, joinVerdicts } from '../harness/run/summarise.js';
import { findTfjsAddon } from '../ports/tfjs/addon.js';

t.setTimeout(1_200_000);

const goldens: readonly InferGolden[] = ['segnext-t', 'lpsnet-m', 'van-b0', 'van-stress'];
const faults = [...(await readBugs())].flatMap(([name, bug]) =>
  goldens.flatMap((golden) => showingsIn(bug, golden)).map((showing) => ({ name, ...showing })),
);

t.test('thirteen bugs show in one forward', async (t) => {
  t.equal(faults.length, 13);
});

for (const port of ['ort', 'tfjs']) {
  for (const { name, golden, first, bits } of faults) {
    t.test(`${port} with the bug ${name} is red at the layer that holds it`, async (t) => {
      if (port === 'tfjs' && findTfjsAddon('cpu') === null) {
        t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
        return;
      }
      const bundle = await readBundle(resolveBundleFolder(golden));
      const [found] = await runPlan(planRun({ ports: [breakPort(port, name)], bundles: [bundle], device: 'cpu' }));
      t.equal(found?.reason, null);
      t.equal(exitCodeOfVerdict(joinVerdicts([found!.verdict])), 1);
      t.match(found?.fault?.name, first);
      t.equal(recogniseRounding(found!), bits ?? null);
      if (bits !== undefined) t.match(explainFault(found!)?.hint, `which keep ${bits} bits of what they read`);
      // Sampled probes cannot be fed in, so the layers after them have no own error.
      if (golden !== 'segnext-t') return;
      // The first probe of all has none either.
      if (found?.fault?.name === bundle.probes[0]?.name) return;
      t.match(found?.firstFault, first);
      t.equal(found?.firstFaultBy, 'own');
    });
  }
}
