import t from 'tap';
import { listShippedBundles, resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { listShippedCurves, readCurve } from '../harness/golden/read-curve.js';
import { listShippedEvalGoldens, readEvalGolden } from '../harness/golden/read-eval-golden.js';
import { kindNamed } from '../harness/kinds/index.js';
import { explainUninformative, isInformativeLoss } from '../harness/metrics/agreement.js';
import { isTensor, listTrainingTargets } from '../harness/run/training-targets.js';

t.setTimeout(300_000);

t.test('of shipped goldens only what a bundle itself calls so, and gradients of much noise, say nothing', async (t) => {
  for (const name of listShippedBundles()) {
    const { probes, train } = await readBundle(resolveBundleFolder(name));
    const targets = train === null ? [] : listTrainingTargets(train).filter(isTensor);
    const all = [...probes.map((golden) => ({ kind: 'forward', golden })), ...targets];
    const silent = all.filter(
      ({ kind, golden }) =>
        golden.informative &&
        !(kind === 'gradient' && golden.noise.relRms >= 0.1) &&
        explainUninformative(golden, kindNamed(kind)) !== null,
    );
    t.strictSame(
      silent.map(({ golden }) => golden.name),
      [],
      name,
    );
    const unusable = all.filter(
      ({ kind, golden }) => golden.ownNoise !== null && !kindNamed(kind).isInformative(golden.ownNoise.relRms),
    );
    t.strictSame(
      unusable.map(({ golden }) => golden.name),
      [],
      name,
    );
    const largest = Math.max(0, ...(train?.expect.loss ?? []).map(({ noise }) => noise));
    t.ok(train?.expect.loss.every(({ value }) => isInformativeLoss(value, largest)) ?? true, name);
  }
});

t.test('every loss of a shipped curve, and all logits of a shipped evaluation, are informative', async (t) => {
  for (const name of listShippedCurves()) {
    const losses = readCurve(name).train!.expect.loss;
    t.ok(
      losses.every(({ value, noise }) => isInformativeLoss(value, noise)),
      name,
    );
  }
  for (const name of listShippedEvalGoldens())
    for (const { images } of (await readEvalGolden(name)).modes)
      for (const { noise, logits, logitsRms } of images)
        t.equal(
          explainUninformative(
            { noise, value: logits, rms: logitsRms, informative: true },
            kindNamed('averaged-logits'),
          ),
          null,
          name,
        );
});
