import { join } from 'node:path';
import t from 'tap';
import type { Device } from '../../harness/contract/device.js';
import { planRun } from '../../harness/run/plan.js';
import { runPlan } from '../../harness/run/run.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { tinyBundle } from '../../test/tiny-bundle.js';
import { openPort } from './open-port.js';

const module = join(packageRoot, 'test', 'ports', 'zeros.mjs');

const lies: readonly (readonly [asked: Device, reported: string, sentence: RegExp])[] = [
  [
    'gpu',
    'cpu',
    /^Cannot run port .+ on the gpu: it reports that it computes on the cpu; the gpu was asked for\. Fix: --device cpu$/,
  ],
  [
    'cpu',
    'gpu',
    /^Cannot run port .+ on the cpu: it reports that it computes on the gpu; the cpu was asked for\. Fix: --device gpu$/,
  ],
  ['gpu', 'bogus', /^Cannot run port .+: it reports the device "bogus"; cpu or gpu is wanted$/],
  ['auto', 'bogus', /^Cannot run port .+: it reports the device "bogus"; cpu or gpu is wanted$/],
];
for (const [asked, reported, sentence] of lies) {
  t.test(
    `a port that was asked for ${asked} and reports ${reported} is not judged: nothing of it is compared`,
    async (t) => {
      const port = { name: 'zeros', about: null, module, settings: { device: reported } };
      const [found] = await runPlan(planRun({ ports: [port], bundles: [tinyBundle()], device: asked }));
      t.match(found, { verdict: 'error', reason: sentence, measurements: { length: 0 } });
    },
  );

  t.test(`nor does it train, evaluate or infer: asked for ${asked}, it reports ${reported}`, async (t) => {
    process.env.TEST_DEVICE = reported;
    await t.rejects(openPort(module, asked, process.env), { name: 'EnvironmentError', message: sentence });
  });
}

t.test('a port that computes where it was asked to opens', async (t) => {
  process.env.TEST_DEVICE = 'gpu';
  for (const asked of ['gpu', 'auto'] as const)
    t.equal((await openPort(module, asked, process.env)).report.device, 'gpu');
});

t.test('an environment that engines would not read opens no port: it would compute in TF32 unseen', async (t) => {
  await t.rejects(openPort(module, 'auto', { ...process.env }), {
    message: "a port was opened with an environment that engines do not read; this process's own is wanted",
  });
  process.env.TEST_DEVICE = 'cpu';
  delete process.env.NVIDIA_TF32_OVERRIDE;
  await openPort(module, 'auto', process.env);
  t.equal(process.env.NVIDIA_TF32_OVERRIDE, '0');
});
