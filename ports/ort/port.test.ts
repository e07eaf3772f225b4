import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { resolveWeights } from '../../harness/golden/weights.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { findGpu } from '../../harness/support/find-gpu.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { createPort } from './port.js';
import { testRunInParts } from './run-in-parts-for-tests.js';
import { relativeRms } from './small-model-for-tests.js';

const port = await createPort({ device: 'cpu', threads: 2 });
t.teardown(() => port.close());

t.test('the report says what the engine itself says', async (t) => {
  t.equal(port.report.engine, 'onnxruntime-node');
  const installed = JSON.parse(await readFile(join(packageRoot, 'node_modules/onnxruntime-node/package.json'), 'utf8'));
  t.equal(port.report.version, installed.version);
  t.equal(port.report.provider, 'CPUExecutionProvider', 'as a profile of a run names it');
  t.equal(port.report.tf32, 'not applicable');
});

t.test('a GPU that is not there is refused', async (t) => {
  const { found, evidence } = findGpu();
  if (found) return void t.comment(`not run: this machine has a GPU: ${evidence}`);
  await t.rejects(createPort({ device: 'gpu' }), EnvironmentError);
  await t.rejects(createPort({ device: 'gpu' }), { message: /^Cannot use the device gpu: / });
});

for (const name of ['segnext-t', 'segnext-custom', 'segnext-t-odd', 'segnext-t-batch2', 'segnext-t-bases']) {
  t.test(`${name} agrees within 2.5 × noise accumulated, 4 × on its own, and 2.5 × as users run it`, async (t) => {
    const bundle = await readBundle(resolveBundleFolder(name));
    const model = await port.load(bundle.model, resolveWeights(bundle));
    const request = { inputs: bundle.inputs, draws: bundle.draws };
    const complete = bundle.probes.filter((probe) => probe.sample === null);
    t.ok(complete.length >= 30, `${complete.length} complete probes`);
    const measure = async (probes: readonly string[], isolated: boolean): Promise<number> => {
      const values = new Map(complete.map((p) => [p.name, { dtype: 'f4', shape: p.shape, data: p.value } as const]));
      const ratios: number[] = [];
      const replacements = isolated ? values : new Map();
      await model.infer({ ...request, probes, replacements }, (probe, { data }) => {
        const golden = complete.find((one) => one.name === probe)!;
        const noise = (isolated ? golden.ownNoise : golden.noise) ?? golden.noise;
        ratios.push(relativeRms(data, golden.value) / Math.max(noise.relRms, 2 ** -24));
      });
      t.equal(ratios.length, probes.length, 'every probe was recorded');
      return Math.max(...ratios);
    };
    const names = complete.map((probe) => probe.name);
    t.ok((await measure(names, false)) <= 2.5);
    t.ok((await measure(names, true)) <= 4);
    t.ok((await measure(['logits'], false)) <= 2.5);
    await model.dispose();
  });
}

t.test('weights and draws that do not fit are refused by name', async (t) => {
  const bundle = await readBundle(resolveBundleFolder('segnext-custom'));
  const weights = resolveWeights(bundle);
  weights.delete('decode_head.conv_seg.bias');
  await t.rejects(port.load(bundle.model, weights), {
    name: 'EnvironmentError',
    message: /decode_head\.conv_seg\.bias is missing/,
  });
  const model = await port.load(bundle.model, resolveWeights(bundle));
  const { inputs } = bundle;
  const request = { inputs, draws: new Map(), probes: ['logits'], replacements: new Map() };
  await t.rejects(
    model.infer(request, () => undefined),
    { name: 'EnvironmentError', message: /bases is missing/ },
  );
  const stray = { ...request, draws: bundle.draws, probes: ['nowhere'] };
  await t.rejects(
    model.infer(stray, () => undefined),
    { message: /it records none of the probes asked for \(nowhere\)/ },
  );
  const tokens = { dtype: 'i8', shape: [1, 2], data: new BigInt64Array(2) } as const;
  await t.rejects(
    model.infer({ ...request, inputs: new Map([['tokens', tokens]]) }, () => undefined),
    new EnvironmentError('the model takes image; the bundle has tokens'),
  );
  await model.dispose();
});

t.test('a run in parts gives what it gives at once, and each part is given only what it reads', async (t) => {
  const bundle = await readBundle(resolveBundleFolder('segnext-t'));
  const model = await port.load(bundle.model, resolveWeights(bundle));
  await testRunInParts(t, model, bundle);
  await model.dispose();
});
