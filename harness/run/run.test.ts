import { join } from 'node:path';
import t from 'tap';
import { golden, tinyBundle, tinyTokens } from '../../test/tiny-bundle.js';
import type { Bundle } from '../golden/bundle.js';
import type { PortTarget } from '../hosts/resolve-port.js';
import { packageRoot } from '../support/package-root.js';
import { planRun } from './plan.js';
import { runPlan } from './run.js';

function tinyPort(fault: string): PortTarget {
  return {
    name: `tiny-${fault}`,
    about: null,
    module: join(packageRoot, 'test', 'ports', 'tiny.mjs'),
    settings: { fault },
  };
}

async function runTiny(
  fault: string,
  bundle: Bundle = tinyBundle(),
  options: { silenceMs?: number; only?: string } = {},
) {
  const [found] = await runPlan(planRun({ ports: [tinyPort(fault)], bundles: [bundle], ...options }));
  return found!;
}

t.test('an honest port passes, and its own errors are judged after the first complete probe', async (t) => {
  const found = await runTiny('none');
  t.equal(found.verdict, 'pass');
  t.strictSame(
    found.measurements.map(({ name, verdict, own }) => [name, verdict, own?.verdict ?? null]),
    [
      ['y', 'pass', null],
      ['z', 'pass', 'pass'],
      ['logits', 'pass', 'pass'],
    ],
  );
  t.equal(found.engine?.engine, 'plain JavaScript');
  t.equal(found.meaning?.changed, 0);
});

t.test('a module that says by the flags of earlier versions what it can do is judged as before', async (t) => {
  const found = await runTiny('old-flags');
  t.equal(found.verdict, 'pass');
  t.equal(found.measurements[2]?.own?.verdict, 'pass');
});

t.test(
  'a module that reads the image as a field, as modules of earlier versions do, is judged as before',
  async (t) => {
    t.equal((await runTiny('old-image')).verdict, 'pass');
  },
);

const withTokens = tinyBundle({ inputs: new Map([...tinyBundle().inputs, ['tokens', tinyTokens]]) });

t.test('a module with the capability inputs is given all of a bundle by their names', async (t) => {
  const { verdict, reason } = await runTiny('tokens', withTokens);
  t.equal(reason, null);
  t.equal(verdict, 'pass');
});

t.test('other inputs than the image for a module without the capability are an error that says so', async (t) => {
  for (const fault of ['none', 'old-flags']) {
    const { verdict, reason } = await runTiny(fault, withTokens);
    t.equal(verdict, 'error');
    t.match(
      reason,
      /it gives the model tokens, u4 \[1, 12\], and this port takes an image .* alone; .* Fix: "inputs" among/,
    );
  }
});

t.test('a module with a capability that nobody knows is an error that names it', async (t) => {
  const { verdict, reason } = await runTiny('odd-capability');
  t.equal(verdict, 'error');
  t.match(
    reason,
    /^Cannot run port tiny-odd-capability .*: it says capabilities \["infer","fly"\]; an array of "infer", "train", "replace" and "inputs" is wanted$/,
  );
});

t.test(
  'a fault in the first layer is found there, by the accumulated error where no own error can be had',
  async (t) => {
    const found = await runTiny('wrong-y');
    t.equal(found.verdict, 'fail');
    t.equal(found.firstFault, 'y');
    t.equal(found.firstFaultBy, 'accumulated');
    t.equal(found.measurements[1]?.verdict, 'fail', 'z inherits');
    t.equal(found.measurements[1]?.own?.verdict, 'pass', 'z is right on its own');
  },
);

t.test('a fault in the last layer is named by its own error', async (t) => {
  const found = await runTiny('wrong-logits');
  t.equal(found.firstFault, 'logits');
  t.equal(found.firstFaultBy, 'own');
});

t.test('a fault that only the graph without probes has fails the logits', async (t) => {
  const found = await runTiny('wrong-shipped');
  t.equal(found.verdict, 'fail');
  t.equal(found.firstFault, 'logits');
  t.match(found.measurements[2]?.reason, /^in the graph without probes, error is .* × the noise/);
});

t.test(
  'of several outputs each is judged in the graph without probes, and the worst decides and is named',
  async (t) => {
    const bundle = tinyBundle({ outputs: ['z', 'logits'] });
    const honest = await runTiny('none', bundle);
    t.equal(honest.verdict, 'pass');
    t.match(honest.shipped, { logits: { name: 'z', verdict: 'pass' }, figures: [{ value: 0 }] });

    const found = await runTiny('wrong-shipped-z', bundle);
    t.equal(found.verdict, 'fail');
    t.match(found.shipped?.logits, { name: 'z', verdict: 'fail' });
    t.match(found.measurements[1]?.reason, /^in the graph without probes, error is .* × the noise/);
    t.equal(found.firstFault, 'z');
    t.strictSame(
      (await runTiny('wrong-shipped-both', bundle)).measurements.map(({ verdict }) => verdict),
      ['pass', 'fail', 'fail'],
      'each that fails fails, not the worst alone',
    );
    t.equal(
      (await runTiny('wrong-shipped-z')).shipped?.logits.name,
      'logits',
      'without outputs, the logits are the one',
    );
  },
);

t.test('a NaN fails, and the figures are null with a reason', async (t) => {
  const { measurements, firstFault } = await runTiny('nan-z');
  t.equal(firstFault, 'z');
  t.match(measurements[1], {
    verdict: 'fail',
    relRms: null,
    noiseRatio: null,
    reason: /12 of its elements are NaN or Inf/,
  });
});

t.test('a NaN between the sampled elements fails too', async (t) => {
  const bundle = tinyBundle();
  const sampled = bundle.probes.map((probe) =>
    probe.name === 'y'
      ? probe
      : { ...probe, sample: { seed: 1, count: 2 }, value: probe.value.slice(0, 2), ownNoise: null },
  );
  const found = await runTiny('nan-z', { ...bundle, probes: sampled });
  t.match(found.measurements[1], { verdict: 'fail', reason: /NaN or Inf/ });
});

t.test('a probe that the port does not record is missing, never a pass', async (t) => {
  const found = await runTiny('missing-z');
  t.equal(found.verdict, 'fail');
  t.match(found.measurements[1], { verdict: 'missing', compared: 0 });
  t.equal(found.firstFault, 'z');
});

t.test('a probe of the wrong shape fails and says both shapes', async (t) => {
  const found = await runTiny('shape');
  t.match(found.measurements[2], { verdict: 'fail', reason: 'its shape is [12]; [1, 3, 2, 2] is wanted' });
});

t.test('a port that cannot replace probes has no own errors', async (t) => {
  const found = await runTiny('no-replacing');
  t.equal(found.verdict, 'pass');
  t.ok(found.measurements.every(({ own }) => own === null));
});

t.test('a bundle without an informative probe has compared nothing and fails', async (t) => {
  const bundle = tinyBundle();
  const found = await runTiny('none', {
    ...bundle,
    probes: bundle.probes.map((probe) => ({ ...probe, informative: false })),
  });
  t.equal(found.verdict, 'fail');
  t.equal(found.reason, 'no informative probe was compared');
});

t.test('a golden of zeros must be met exactly', async (t) => {
  const bundle = tinyBundle();
  const zeros = golden('z', new Float32Array(12));
  const found = await runTiny('none', { ...bundle, probes: [bundle.probes[0]!, zeros, bundle.probes[2]!] });
  t.match(found.measurements[1], { verdict: 'fail', reason: /the golden is zero everywhere .* exactly 0 is wanted/ });
});

const ends: readonly (readonly [fault: string, reason: RegExp])[] = [
  ['start', /Cannot run port tiny-start on tiny: Error: the engine does not start/],
  ['load', /Cannot run port tiny-load on tiny: Error: there is no such layer/],
  ['crash', /Cannot run port tiny-crash on tiny: its process crashed with SIGSEGV/],
  ['abort', /Cannot run port tiny-abort on tiny: its process crashed with SIGABRT/],
  ['exit', /its process ended with exit code 7; its last lines on stderr were:\nthe library says goodbye/],
  ['extra', /Cannot run port tiny-extra on tiny: it gave nonsense, which was not asked for/],
  ['twice', /Cannot run port tiny-twice on tiny: it gave y twice/],
  ['late', /Cannot run port tiny-late on tiny: it gave z after its answer/],
  ['library', /Cannot .*tiny-library .*Cannot open \/nowhere\/libtiny\.so: it is not there/],
  ['hang', /Cannot run port tiny-hang on tiny: it hung: no answer to infer for 2 s/],
];
for (const [fault, reason] of ends) {
  t.test(`a port that ends by ${fault} is an error that says how`, async (t) => {
    const found = await runTiny(fault, tinyBundle(), { silenceMs: fault === 'hang' ? 2000 : 60_000 });
    t.equal(found.verdict, 'error');
    t.match(found.reason, reason);
    t.strictSame(found.measurements, []);
  });
}

t.test('after a crash the next bundle runs in a new process', async (t) => {
  const other = tinyBundle({ id: 'other', phase: 'train' });
  const results = await runPlan(planRun({ ports: [tinyPort('none')], bundles: [other, tinyBundle()] }));
  t.strictSame(
    results.map(({ verdict }) => verdict),
    ['error', 'pass'],
  );
  t.match(results[0]?.reason, /its phase is train and the port has infer/);
});

t.test('a glob that matches no probe is refused before any port starts', async (t) => {
  t.throws(() => planRun({ ports: [tinyPort('none')], bundles: [tinyBundle()], only: 'backbone.*' }), {
    message: /Cannot judge tiny with --only 'backbone\.\*': it matches none of its 3 probes/,
  });
  t.throws(() => planRun({ ports: [tinyPort('none')], bundles: [tinyBundle()], only: ['y', 'x'] }), {
    message: /with --only 'x': it matches none/,
  });
  const both = planRun({ ports: [tinyPort('none')], bundles: [tinyBundle()], only: ['y', 'log*'] });
  t.strictSame(
    both.cases[0]?.probes.map(({ name }) => name),
    ['y', 'logits'],
  );
  const found = await runTiny('none', tinyBundle(), { only: '*i*' });
  t.strictSame(
    found.measurements.map(({ name }) => name),
    ['logits'],
  );
});
