import t from 'tap';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { trainingBugSwitches } from '../models/bug-switches.js';
import { findTfjsAddon } from '../ports/tfjs/addon.js';

t.setTimeout(600_000);

/** What each bug of training makes wrong first, in the order of results: rates, losses, gradients, parameters, statistics. */
const faults: Readonly<Record<string, RegExp>> = {
  'nmf-train-steps': /^loss\/0$/,
  'drop-path-unscaled': /^loss\/0$/,
  'running-variance-unbiased': /^buffers\/.*\._variance$/,
  'norms-decay': /^params\/backbone\..*norm/,
  // What the first update makes wrong shows in the second loss already.
  'head-rate': /^loss\/1$/,
  'coupled-decay': /^loss\/1$/,
  'ignored-averaged': /^loss\/0$/,
  'schedule-end': /^lr\/2$/,
};

/** Of which kind the likely cause is. */
const causes: Readonly<Record<string, string>> = {
  'nmf-train-steps': 'loss',
  'drop-path-unscaled': 'loss',
  'running-variance-unbiased': 'buffer',
  'norms-decay': 'parameter',
  'head-rate': 'later-loss',
  'coupled-decay': 'later-loss',
  'ignored-averaged': 'loss',
  'schedule-end': 'rate',
};

t.test('every bug of training is tried', async (t) => {
  t.strictSame(Object.keys(trainingBugSwitches).sort(), Object.keys(faults).sort());
});

for (const port of ['ort', 'tfjs']) {
  for (const [bug, first] of Object.entries(faults)) {
    t.test(`${port} with the bug ${bug} is red where it shows first`, async (t) => {
      if (port === 'tfjs' && findTfjsAddon('cpu') === null) {
        t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
        return;
      }
      const target = { ...resolvePort(port), settings: { bug } };
      const bundle = await readBundle(resolveBundleFolder('segnext-t-train'));
      const [found] = await runPlan(planRun({ ports: [target], bundles: [bundle], device: 'cpu' }));
      t.equal(found?.reason, null);
      t.equal(found?.verdict, 'fail');
      t.match(found?.firstFault, first);
      t.match(found?.fault, { kind: causes[bug], name: first });
    });
  }
}
