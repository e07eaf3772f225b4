import t from 'tap';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { exitCodeOfVerdict, joinVerdicts } from '../harness/run/summarise.js';
import { findTfjsAddon } from '../ports/tfjs/addon.js';

t.setTimeout(600_000);

/**
 * Each bug switch turns the judge red at the layer that holds the bug. The layer is what a reader of the reference would
 * point at: the first sublayer that computes with the changed constant.
 */
const faults: Readonly<Record<string, RegExp>> = {
  'bn-epsilon': /^backbone\.patch_embed1\.proj\.1$/,
  'gelu-tanh': /^backbone\.patch_embed1\.proj\.2$/,
  'strips-swapped': /^backbone\.block1\.0\.attn\.spatial_gating_unit\.dwconvs\.0\.conv1_1$/,
  'nmf-steps': /^decode_head\.hamburger\.ham$/,
  'align-corners': /^decode_head\.squeeze\._conv$/,
  'bias-left-out': /^backbone\.block2\.1\.attn\.spatial_gating_unit\.conv0$/,
  'padding-shifted': /^backbone\.patch_embed3\.proj$/,
};

for (const port of ['ort', 'tfjs']) {
  for (const [bug, layer] of Object.entries(faults)) {
    t.test(`${port} with the bug ${bug} is red at the layer that holds it`, async (t) => {
      if (port === 'tfjs' && findTfjsAddon('cpu') === null) {
        t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
        return;
      }
      const target = { ...resolvePort(port), settings: { bug } };
      const bundle = await readBundle(resolveBundleFolder('segnext-t'));
      const [found] = await runPlan(planRun({ ports: [target], bundles: [bundle], device: 'cpu' }));
      t.equal(found?.reason, null);
      t.equal(exitCodeOfVerdict(joinVerdicts([found!.verdict])), 1);
      t.match(found?.firstFault, layer);
      t.equal(found?.firstFaultBy, 'own');
    });
  }
}
