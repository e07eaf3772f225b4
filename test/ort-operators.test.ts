import t from 'tap';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { timesNoise } from '../harness/result/record/case-result.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { findEngine } from '../harness/setup/engines.js';
import { onnxruntimeNode } from '../ports/ort/engine.js';
import { openRuntime } from '../ports/ort/session.js';
import { measureBlockedLayout } from '../ports/ort/training/measure-blocked-layout.js';

t.setTimeout(600_000);

/** With channels in blocks and, where their number is not a multiple of 16, without. */
const bundles = ['segnext-custom-train', ...(process.env.TIPCHECK_TEST_ALL === '1' ? ['segnext-t-train'] : [])];

if (findEngine(onnxruntimeNode) === null) {
  t.comment('not run: onnxruntime-node is not prepared; npx tipcheck prepare --port ort');
} else {
  const hasBlocks = await measureBlockedLayout(await openRuntime({ device: 'cpu', threads: 1 }));
  if (!hasBlocks) t.comment('not run: this processor has no kernels for channels in blocks');
  for (const blocked of hasBlocks ? [true, false] : [false]) {
    for (const name of bundles) {
      t.test(
        `${name} passes with ${blocked ? "ONNX Runtime's own operators" : "ONNX's operators alone"}`,
        async (t) => {
          const port = { ...resolvePort('ort'), settings: { blocked } };
          const bundle = await readBundle(resolveBundleFolder(name));
          const [found] = await runPlan(planRun({ ports: [port], bundles: [bundle], device: 'cpu' }));
          t.equal(found?.reason, null);
          t.equal(found?.verdict, 'pass', found?.firstFault ?? '');
          t.ok((found?.measurements.length ?? 0) > 300);
          const ratios = found?.measurements.map((one) => timesNoise(one) ?? 0) ?? [];
          t.comment(`worst ${Math.max(...ratios).toFixed(1)} × noise`);
        },
      );
    }
  }
}
