import t from 'tap';
import { selectBundles } from '../harness/config/select-bundles.js';
import { findSuite, listSuites, readSuite } from '../harness/config/suite.js';
import { listShippedBundles, resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { namedPorts } from '../harness/hosts/read-ports.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';

t.setTimeout(900_000);

/** MSCAN_T at the published 1024 × 1024: as many positions as all other bundles of inference together. */
const alone = 'segnext-t-1024';

const suites = listSuites()
  .filter(({ mode }) => mode === 'lite-infer')
  .map(({ model, mode }) => readSuite(findSuite(model, mode)!));

for (const { name: port, native } of namedPorts) {
  t.test(`${port} passes every shipped bundle within the limits of the suite`, async (t) => {
    if (native?.isReady('cpu') === false) {
      t.comment(`not run: the native part of ${port} is not prepared; npx tipcheck prepare --port ${port}`);
      return;
    }
    for (const { model, mode, bundles: patterns, limits } of suites) {
      const names = selectBundles(patterns, listShippedBundles(), `${model}/${mode}`);
      const bundles = [];
      for (const name of names) bundles.push(await readBundle(resolveBundleFolder(name)));
      const plan = planRun({ ports: [resolvePort(port)], bundles, device: 'cpu', limits });
      const cases = await runPlan(plan);
      t.equal(cases.length, names.length);
      for (const { id, verdict, reason, firstFault, measurements } of cases) {
        const detail = measurements.find(({ name }) => name === firstFault)?.reason ?? reason;
        t.equal(verdict, 'pass', `${id}: ${measurements.length} probes ${detail ?? ''}`);
      }
    }
  });
}

for (const port of ['ort', 'tfjs'])
  t.test(`${port} passes what no suite has, by the limits of the format`, async (t) => {
    if (namedPorts.find(({ name }) => name === port)?.native?.isReady('cpu') === false) {
      t.comment(`not run: the native part of ${port} is not prepared; npx tipcheck prepare --port ${port}`);
      return;
    }
    const bundles = [await readBundle(resolveBundleFolder(alone))];
    const [found] = await runPlan(planRun({ ports: [resolvePort(port)], bundles, device: 'cpu' }));
    t.equal(found?.verdict, 'pass', found?.reason ?? '');
    t.equal(found?.measurements.length, 31);
  });

t.test('no other shipped bundle is left out of every suite', async (t) => {
  const inSuites = listSuites().flatMap(({ model, mode }) =>
    selectBundles(readSuite(findSuite(model, mode)!).bundles, listShippedBundles(), `${model}/${mode}`),
  );
  const left = listShippedBundles().filter((name) => !inSuites.includes(name));
  t.strictSame(left, [alone]);
});
