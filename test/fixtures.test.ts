import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { selectBundles } from '../harness/config/select-bundles.js';
import { findSuite, readSuite } from '../harness/config/suite.js';
import { listShippedBundles, resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { packageRoot } from '../harness/support/package-root.js';
import { findTfjsAddon } from '../ports/tfjs/addon.js';

t.setTimeout(900_000);

const suite = readSuite(findSuite('segnext', 'lite-infer')!);
const names = selectBundles(suite.bundles, listShippedBundles(), 'segnext/lite-infer');

for (const port of ['ort', 'tfjs', 'tfjs-wasm']) {
  t.test(`${port} passes every shipped bundle within the limits of the suite`, async (t) => {
    if (port === 'tfjs' && findTfjsAddon('cpu') === null) {
      t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
      return;
    }
    const bundles = [];
    for (const name of names) bundles.push(await readBundle(resolveBundleFolder(name)));
    const plan = planRun({ ports: [resolvePort(port)], bundles, device: 'cpu', limits: suite.limits });
    const cases = await runPlan(plan);
    t.equal(cases.length, names.length);
    for (const { id, verdict, reason, firstFault, measurements } of cases) {
      const detail = measurements.find(({ name }) => name === firstFault)?.reason ?? reason;
      t.equal(verdict, 'pass', `${id}: ${measurements.length} probes ${detail ?? ''}`);
    }
  });
}

t.test('no shipped bundle is left out of every suite', async (t) => {
  const inSuites = readdirSync(join(packageRoot, 'suites', 'segnext')).flatMap((file) => {
    const { bundles, mode } = readSuite(join(packageRoot, 'suites', 'segnext', file));
    return selectBundles(bundles, listShippedBundles(), `segnext/${mode}`);
  });
  const left = listShippedBundles().filter((name) => !inSuites.includes(name) && !name.includes('train'));
  t.strictSame(left, []);
});
