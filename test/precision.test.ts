import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execaNode } from 'execa';
import t from 'tap';
import { breakPort } from '../bugs/broken-port.js';
import { atPrecision } from '../harness/golden/at-precision.js';
import { someNoise, writeTestBundle2 } from '../harness/golden/bundle-2-for-tests.js';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { writeTestBundle } from '../harness/golden/test-bundle.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { timesNoise } from '../harness/result/record/case-result.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { packageRoot } from '../harness/support/package-root.js';

t.setTimeout(600_000);

const shipped = await readBundle(resolveBundleFolder('segnext-t'));

for (const [bug, precision] of [
  ['tf32-products', 'tf32'],
  ['fp16-tensors', 'fp16'],
  ['bf16-products', 'bf16'],
] as const)
  t.test(`a port with the rounding ${bug} is green by the noise of ${precision}, and red by float32's`, async (t) => {
    const own = atPrecision(shipped, precision);
    const plan = planRun({ ports: [breakPort('ort', bug)], bundles: [own, shipped], device: 'cpu' });
    const [by, without] = await runPlan(plan);
    t.equal(by?.verdict, 'pass', by?.firstFault ?? by?.reason ?? '');
    t.equal(by?.goldens.precision, precision);
    t.equal(without?.verdict, 'fail');
    t.equal(without?.goldens.precision, undefined);
    const multiples = by!.measurements.map((one) => timesNoise(one)!);
    t.ok(Math.max(...multiples) > 0.5, 'it errs about as much as the reference does in this precision');
  });

for (const bug of ['bias-left-out', 'strips-swapped'])
  t.test(`the bug ${bug} is red by the noise of fp16 at the layer that holds it`, async (t) => {
    const ports = [breakPort('ort', bug)];
    const bundles = [shipped, atPrecision(shipped, 'fp16')];
    const [without, by] = await runPlan(planRun({ ports, bundles, device: 'cpu' }));
    t.equal(by?.verdict, 'fail');
    t.equal(by?.firstFaultBy, 'own');
    t.equal(by?.firstFault, without?.firstFault);
  });

t.test('a training is judged by the noise of its losses, gradients and parameters in fp16', async (t) => {
  const bundle = atPrecision(await readBundle(resolveBundleFolder('segnext-t-train')), 'fp16');
  const ports = ['ignored-averaged', 'coupled-decay'].map((bug) => breakPort('ort', bug));
  const cases = await runPlan(planRun({ ports: [resolvePort('ort'), ...ports], bundles: [bundle], device: 'cpu' }));
  t.strictSame(
    cases.map(({ verdict, fault }) => [verdict, fault?.kind ?? null]),
    [
      ['pass', null],
      ['fail', 'loss'],
      ['fail', 'parameter'],
    ],
  );
});

t.test('judge --precision names it on the console, in the JSON and in reports', async (t) => {
  const folder = t.testdir();
  const json = join(folder, 'out.json');
  const report = join(folder, 'report');
  const run = ['ort', 'segnext-t', '--precision', 'tf32', '--json', json, '--report', report];
  const { exitCode, stdout, stderr } = await judge(...run, '--alignment', join(folder, 'a.md'));
  t.equal(exitCode, 0, stderr);
  t.match(stdout, /^pass {2}ort · segnext_mscan_t-infer-48x64-s3 in tf32 /);
  t.match(stdout, '1× = the rounding error that Paddle itself makes here in tf32.');
  t.match(stdout, 'By the noise of tf32, 1 of 1 cases agree with the reference');
  t.match(JSON.parse(await readFile(json, 'utf8')), { verdict: 'pass', precision: 'tf32' });
  const texts = ['report.html', 'report.md', 'results.tap', 'junit.xml'];
  for (const name of texts)
    t.match(await readFile(join(report, name), 'utf8'), /segnext_mscan_t-infer-48x64-s3 in tf32|noise of tf32/, name);
  t.match(await readFile(join(folder, 'a.md'), 'utf8'), /goldens\/\d+ in tf32(?:.|\n)*at this place in tf32/);
});

t.test('a bundle without the noise asked for is refused, and so is a format that there is none of', async (t) => {
  const bundle = await writeTestBundle(join(t.testdir(), 'tiny'));
  const lacking = await judge('ort', bundle, '--precision', 'bf16');
  t.equal(lacking.exitCode, 2);
  t.match(lacking.stderr, /^Cannot judge by bf16 on \S+: bundle .+ has no noise_at of bf16 for y; the noise of each/m);
  t.match(lacking.stderr, `Fix: python -m oracle add-precision ${bundle} --precision bf16 (docs/precision.md)`);
  t.equal(lacking.stdout, '');
  const unknown = await judge('ort', bundle, '--precision', 'fp8');
  t.equal(unknown.exitCode, 2);
  t.match(unknown.stderr, /Allowed choices are fp16, bf16, tf32/);
});

t.test('a probe that has the golden of another has its noise, and what no run has is no own noise', async (t) => {
  const folder = await writeTestBundle2(t.testdir(), ({ json }) => {
    for (const probe of json.probes!) Object.assign(probe, { noise_at: { fp16: { noise: someNoise } } });
    json.probes!.splice(1, 0, { name: 'twin', shape: json.probes![0]!.shape, same_as: json.probes![0]!.name });
  });
  const { probes, precision } = atPrecision(await readBundle(folder), 'fp16');
  t.equal(precision, 'fp16');
  const noise = { relRms: someNoise.rel_rms, maxOverRms: someNoise.max_over_rms };
  for (const probe of probes) t.strictSame([probe.noise, probe.ownNoise], [noise, null], probe.name);
});

async function judge(...args: string[]) {
  const env = { TIPCHECK_SKIP_ENSURE: '1' };
  const program = join(packageRoot, 'cli', 'tipcheck.mjs');
  return execaNode(program, ['judge', ...args], { reject: false, cwd: packageRoot, env });
}
