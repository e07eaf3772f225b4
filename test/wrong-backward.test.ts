import t from 'tap';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';

t.setTimeout(600_000);

/** Of ort, which differentiates by rules of ours; `npm run test:all` tries all of them. */
const layers = [
  'backbone.block3.1.mlp.fc1',
  'backbone.patch_embed1.proj.3',
  'backbone.block2.0.attn.spatial_gating_unit.dwconvs.0.conv1_1',
  'backbone.block4.1.attn.proj_2',
  'decode_head.hamburger.ham_in',
];
const tried = process.env.TIPCHECK_TEST_ALL === '1' ? layers : layers.slice(0, 1);

for (const [at, layer] of tried.entries()) {
  t.test(`a wrong backward of ${layer} is named there, and not at the first gradient that fails`, async (t) => {
    const port = { ...resolvePort('ort'), settings: { bug: `wrong-backward:${layer}` } };
    const bundle = await readBundle(resolveBundleFolder('segnext-t-train'));
    // Of the first all steps are made, so that later losses and parameters fail beside the gradients.
    const only = at === 0 ? {} : { only: ['loss/0', 'grads/*'] };
    const [found] = await runPlan(planRun({ ports: [port], bundles: [bundle], device: 'cpu', ...only }));
    t.equal(found?.reason, null);
    t.equal(found?.verdict, 'fail');
    t.equal(found?.measurements.find(({ name }) => name === 'loss/0')?.verdict, 'pass', 'the forward is right');
    t.equal(found?.fault?.kind, 'gradient');
    t.match(found?.fault?.name, new RegExp(`^grads/${layer.replaceAll('.', '\\.')}\\.(weight|bias)$`));
    t.not(found?.firstFault, found?.fault?.name, 'what fails first in the file is another');
  });
}
