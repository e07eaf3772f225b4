import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Bundle, GoldenProbe, Noise } from '../golden/bundle.js';
import { readBundle } from '../golden/read-bundle.js';
import { type BundleDraft, writeTestBundle } from '../golden/test-bundle.js';
import { packageRoot } from '../support/package-root.js';
import { planRun } from './plan.js';
import { runPlan } from './run.js';

t.setTimeout(120_000);

const noise = (relRms: number): Noise => ({ relRms, maxOverRms: 10 * relRms });

/** Judges a port that gives the golden's own numbers, or only zeros, on a bundle whose goldens were changed. */
async function judge(
  t: Test,
  values: 'right' | 'zeros',
  change: (probe: GoldenProbe) => Partial<GoldenProbe>,
  settings: { readonly replaces?: boolean } = {},
) {
  const bundle = await readBundle(await writeTestBundle(t.testdir()));
  const changed: Bundle = { ...bundle, probes: bundle.probes.map((probe) => ({ ...probe, ...change(probe) })) };
  const port = {
    name: values,
    about: null,
    module: join(packageRoot, 'test', 'ports', values === 'right' ? 'tiny.mjs' : 'zeros.mjs'),
    settings,
  };
  const [found] = await runPlan(planRun({ ports: [port], bundles: [changed] }));
  return found!;
}

const verdicts = ({ measurements }: Awaited<ReturnType<typeof judge>>) => measurements.map(({ verdict }) => verdict);
const none = ['uninformative', 'uninformative', 'uninformative'];

for (const [what, relRms] of [
  ['10', 10],
  ['1e300', 1e300],
  ['0.25, of which four times are the golden itself', 0.25],
] as const)
  t.test(`under a noise of ${what} neither an honest port nor zeros pass`, async (t) => {
    for (const values of ['right', 'zeros'] as const) {
      const found = await judge(t, values, () => ({ noise: noise(relRms), ownNoise: noise(relRms) }));
      t.strictSame([found.verdict, found.reason], ['fail', 'no informative probe was compared'], values);
      t.strictSame(verdicts(found), none);
      t.match(found.measurements[0]?.reason, /^its noise, .* of its rms, is so large that an error as large as/);
    }
  });

t.test('a noise just below a quarter of the golden is informative: zeros fail', async (t) => {
  const wide = () => ({ noise: noise(0.249), ownNoise: null });
  t.equal((await judge(t, 'right', wide)).verdict, 'pass');
  t.strictSame(verdicts(await judge(t, 'zeros', wide)), ['fail', 'fail', 'fail']);
});

t.test('own noise that reaches the golden counts as absent: it is reported, not judged', async (t) => {
  const found = await judge(t, 'right', () => ({ ownNoise: noise(0.25) }));
  t.equal(found.verdict, 'pass');
  t.strictSame(
    found.measurements.map(({ own }) => own?.verdict ?? null),
    [null, 'reported', 'reported'],
  );
});

t.test('own noise that says something is judged by its limit, whatever the accumulated noise is', async (t) => {
  // 64 times 0.02 is more than the golden: that is the limit of what says nothing.
  const found = await judge(t, 'zeros', () => ({ noise: noise(0.3), ownNoise: noise(0.02) }), { replaces: true });
  t.strictSame(
    found.measurements.map(({ own }) => own?.verdict ?? null),
    [null, 'fail', 'fail'],
  );
  t.strictSame(verdicts(found), ['uninformative', 'fail', 'fail']);
});

t.test('goldens that are zero everywhere say nothing where the port gives 0, and fail where it does not', async (t) => {
  const zeros = ({ value }: GoldenProbe) => ({ value: new Float32Array(value.length), rms: 0, noise: noise(0) });
  const nothing = await judge(t, 'zeros', zeros);
  t.strictSame([nothing.verdict, nothing.reason], ['fail', 'no informative probe was compared']);
  t.strictSame(verdicts(nothing), none);
  t.strictSame(verdicts(await judge(t, 'right', zeros)), ['fail', 'fail', 'fail']);
});

t.test('a sample of zeros with an rms and any noise fails whatever is not 0', async (t) => {
  const sampled = ({ value }: GoldenProbe) => ({
    value: new Float32Array(4),
    sample: { seed: 9, count: 4 },
    rms: value.length,
    noise: noise(1e6),
    ownNoise: null,
  });
  const found = await judge(t, 'right', sampled);
  t.strictSame(verdicts(found), ['fail', 'fail', 'fail']);
  t.match(
    found.measurements[0]?.reason,
    /^the golden is zero everywhere and the error reaches .*; exactly 0 is wanted$/,
  );
});

t.test('a sampled probe whose rms is more than four times that of its sample is not informative', async (t) => {
  const sampled = (times: number) => (probe: GoldenProbe) => {
    const value = probe.value.slice(0, 4).fill(2);
    return { value, sample: { seed: 9, count: 4 }, rms: 2 * times, ownNoise: null };
  };
  t.strictSame(verdicts(await judge(t, 'zeros', sampled(4.001))), ['fail', 'fail', 'fail'], 'zeros are far off');
  const huge = await judge(t, 'zeros', sampled(1e30));
  t.strictSame([huge.verdict, huge.reason], ['fail', 'no informative probe was compared']);
  t.match(huge.measurements[0]?.reason, /^its rms, 2e\+30, is more than 4 × that of its own sample, 2$/);
});

t.test('an own error that fails fails a probe that is not informative, too', async (t) => {
  const found = await judge(t, 'right', ({ name }) => ({
    informative: false,
    noise: noise(1),
    ...(name === 'z' && { value: new Float32Array(12).fill(2), rms: 2 }),
  }));
  t.match(found.measurements[1], { verdict: 'fail', reason: /^on its own, error is / });
});

t.test('logits that are not informative fail where the graph without probes gives other ones', async (t) => {
  const bundle = await readBundle(await writeTestBundle(t.testdir()));
  const probes = bundle.probes.map((probe) => ({ ...probe, informative: probe.name !== 'logits' }));
  const module = join(packageRoot, 'test', 'ports', 'tiny.mjs');
  const port = { name: 'tiny', about: null, module, settings: { fault: 'wrong-shipped' } };
  const [found] = await runPlan(planRun({ ports: [port], bundles: [{ ...bundle, probes }] }));
  t.equal(found?.verdict, 'fail');
  t.match(found?.measurements[2], { verdict: 'fail', reason: /^in the graph without probes, / });
});

async function train(t: Test, change: (draft: BundleDraft) => void, only?: string) {
  const bundle = await readBundle(await writeTestBundle(t.testdir(), change, 'train'));
  const module = join(packageRoot, 'test', 'ports', 'tiny-train.mjs');
  const port = { name: 'tiny', about: null, module, settings: {} };
  const [found] = await runPlan(planRun({ ports: [port], bundles: [bundle], ...(only !== undefined && { only }) }));
  return found!;
}

t.test('learning rates alone are nothing', async (t) => {
  const found = await train(t, ({ json }) => {
    const { expect } = json.train!;
    for (const probe of [...expect.grads, ...expect.params, ...expect.buffers]) probe.noise!.rel_rms = 10;
    expect.loss[0]!.noise = 1e300;
  });
  t.strictSame([found.verdict, found.reason], ['fail', 'no informative probe was compared']);
  t.strictSame(verdicts(found), ['pass', ...none, 'uninformative']);
  const rates = await train(t, () => undefined, 'lr/*');
  t.strictSame([rates.verdict, rates.reason], ['fail', 'no informative probe was compared']);
});

t.test('each kind of training has its own limit of noise', async (t) => {
  const verdictsAt = async (grads: number, params: number, buffers: number) => {
    const found = await train(t, ({ json }) => {
      const { expect } = json.train!;
      expect.grads[0]!.noise!.rel_rms = grads;
      expect.params[0]!.noise!.rel_rms = params;
      expect.buffers[0]!.noise!.rel_rms = buffers;
    });
    return verdicts(found).slice(2);
  };
  t.strictSame(await verdictsAt(0.0999, 0.0624, 0.1249), ['pass', 'pass', 'pass']);
  t.strictSame(await verdictsAt(0.1, 0.0625, 0.125), none);
});

t.test('a loss whose limit reaches its value is not informative', async (t) => {
  const lossAt = async (noise: number) => {
    const found = await train(t, ({ json }) => {
      json.train!.expect.loss[0]!.noise = noise;
    });
    return found.measurements[1];
  };
  t.match(await lossAt(0.156), { name: 'loss/0', verdict: 'pass' });
  t.match(await lossAt(1.25 / 8), { verdict: 'uninformative', reason: 'its limit reaches the loss itself, 1.25' });
});
