import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync } from 'node:fs';

import { join } from 'node:path';
import t from 'tap';
import { register } from '../cli/commands/new-port.js';
import { commandRunner } from '../cli/run-command-for-tests.js';
import { float32NdArray } from '../harness/contract/nd-array.js';
import type { Bundle } from '../harness/golden/bundle.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { writeTestBundle } from '../harness/golden/test-bundle.js';
import { resolveWeights } from '../harness/golden/weights.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { checkPort } from '../harness/run/check-port/check-port.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { packageRoot } from '../harness/support/package-root.js';
import { createPort } from '../ports/exec/port.js';
import { golden, tinyBundle } from './tiny-bundle.js';

// A library in Python takes seconds to start on a busy machine.
t.setTimeout(600_000);
const run = commandRunner(register, 'new-port');

async function judge(spec: string, bundle: Bundle) {
  const [found] = await runPlan(planRun({ ports: [resolvePort(spec)], bundles: [bundle], silenceMs: 60_000 }));
  return found!;
}

t.test('nothing of the user is overwritten, and a language without a template is refused', async (t) => {
  const folder = t.testdir({ full: { 'port.py': 'mine' }, file: '' });
  await t.rejects(run(t, ['python', join(folder, 'full')]), {
    name: 'UserError',
    message: /^Cannot write a port into .*full: it is not empty; a new or an empty folder is wanted$/,
  });
  t.strictSame(readdirSync(join(folder, 'full')), ['port.py']);
  await t.rejects(run(t, ['cpp', join(folder, 'file')]), { code: 'EEXIST' });
  await t.rejects(run(t, ['pyton', join(folder, 'new')]), {
    name: 'UserError',
    message: /^Cannot write a port in pyton: it has no template; python.* is wanted\. Did you mean python\?$/,
  });
  await t.rejects(run(t, ['toString', join(folder, 'new')]), { name: 'UserError' });
  t.notOk(existsSync(join(folder, 'new')));
});

t.test('every folder of templates/ is a language', async (t) => {
  const folders = readdirSync(join(packageRoot, 'templates')).filter((name) => name !== 'README.md');
  for (const language of folders) {
    const folder = join(t.testdir(), language);
    const output = await run(t, [language, folder]);
    for (const file of readdirSync(folder)) t.match(output, join(folder, file));
  }
});

t.test('the skeleton in TypeScript compiles and runs, and fails at the first probe and learning rate', async (t) => {
  const folder = join(t.testdir(), 'port');
  await run(t, ['typescript', folder]);
  const compiler = join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
  t.equal(status, 0, stdout);
  await failsAtFirst(t, join(folder, 'port.mjs'));
});

if (spawnSync('g++', ['--version']).status !== 0) t.comment('not run: g++ is not there');
else
  t.test('the skeleton in C++ fails at the first probe; filled in, it is judged with own errors', async (t) => {
    const folder = join(t.testdir(), 'port');
    await run(t, ['cpp', folder]);
    copyFileSync(join(packageRoot, 'test', 'ports', 'new-port', 'tiny.cpp'), join(folder, 'tiny.cpp'));
    for (const name of ['port', 'tiny']) {
      const options = ['-std=c++17', '-Wall', '-Wextra', '-Werror', '-o', join(folder, name), `${name}.cpp`];
      const { status, stderr } = spawnSync('g++', options, { cwd: folder, encoding: 'utf8' });
      t.equal(status, 0, stderr);
    }
    const skeleton = await judge(`exec:"${join(folder, 'port')}"`, tinyBundle());
    t.equal(skeleton.firstFault, 'y');
    t.strictSame([...new Set(skeleton.measurements.map(({ verdict }) => verdict))], ['missing']);
    const weight = float32NdArray([1, 2], Float32Array.of(7, 2));
    const bundle = tinyBundle({
      model: { type: 'Tiny "é😀\n', sizes: [1, -1.5], none: null, yes: true },
      parameters: new Map([['layer.weight', [1, 2]]]),
      weights: [{ kind: 'arrays', arrays: new Map([['layer.weight', weight]]) }],
    });
    const found = await judge(`exec:"${join(folder, 'tiny')}"`, bundle);
    t.equal(found.reason, null);
    t.equal(found.verdict, 'pass');
    t.equal(found.measurements[2]?.own?.verdict, 'pass');
    t.equal(found.engine?.details.replaced, undefined);
    const refused = await judge(`exec:"${join(folder, 'tiny')}"`, tinyBundle());
    t.match(refused.reason, /it failed at load: the model is Tiny/);
  });

const hasPython = spawnSync('python3', ['-c', 'import numpy']).status === 0;
if (!hasPython) t.comment('not run: python3 with NumPy is not there');
else {
  t.test('the skeleton in Python runs, and fails at the first probe and at the first learning rate', async (t) => {
    await failsAtFirst(t, await newPython(t));
  });
  t.test('what anything prints in a port in Python does not reach the answers; own errors are judged', async (t) => {
    for (const how of ['', 'nhwc']) {
      const found = await judge(`${await newPython(t, 'tiny.py')} ${how}`, tinyBundle());
      t.equal(found.reason, null);
      t.equal(found.verdict, 'pass');
      t.equal(found.measurements[2]?.own?.verdict, 'pass', 'its input was replaced');
    }
  });

  t.test('a layer that runs twice is asked for by call; by its name alone it is an error', async (t) => {
    const spec = `${await newPython(t, 'tiny.py')} twice`;
    const image = tinyBundle().inputs.get('image')!.data as Float32Array;
    const [once, twice] = [2, 4].map((factor) => image.map((value) => factor * value));
    const probes = (first: string) => [golden(first, once!), golden('double#2', twice!), golden('logits', twice!)];
    const found = await judge(spec, tinyBundle({ probes: probes('double#1') }));
    t.equal(found.reason, null);
    t.equal(found.verdict, 'pass');
    const refused = await judge(spec, tinyBundle({ probes: probes('double') }));
    t.match(refused.reason, /it failed at infer: ValueError: double runs more than once; double#1, double#2, /);
    t.match(refused.reason, /its last lines on stderr were:\n.*return probe\("double", 2 \* y\)/, 'with where it is');
  });

  t.test('an error of the port is an answer, and a GPU that is not there is one', async (t) => {
    const spec = await newPython(t, 'tiny.py');
    const found = await judge(spec, tinyBundle({ model: { type: 'Other' } }));
    t.match(found.reason, /it failed at load: ValueError: the model is Other; this port knows Tiny/);
    const plan = planRun({ ports: [resolvePort(spec)], bundles: [tinyBundle()], device: 'gpu' });
    t.match((await runPlan(plan))[0]?.reason, /it failed at hello: RuntimeError: no GPU is there for this port/);
  });

  t.test('a port in Python trains', async (t) => {
    const bundle = await readBundle(await writeTestBundle(join(t.testdirName, 'bundle'), undefined, 'train'));
    const found = await judge(await newPython(t, 'tiny.py'), bundle);
    t.equal(found.reason, null);
    t.equal(found.verdict, 'pass');
  });
}

for (const [library, name] of [
  ['torch', 'PyTorch'],
  ['paddle', 'PaddlePaddle'],
] as const)
  t.test(`modules of ${name} are recorded and replaced at every name, and trained by Paddle's names`, async (t) => {
    const python = process.env[`TIPCHECK_TEST_${library.toUpperCase()}`] ?? 'python3';
    if (spawnSync(python, ['-c', `import numpy, ${library}`]).status !== 0)
      return void t.comment(`not run: ${name} is not there`);
    const spec = `${await newPython(t, 'hooked.py', python)} ${library}`;
    const found = await judge(spec, hookedBundle());
    t.equal(found.reason, null);
    t.strictSame(
      found.measurements.filter(({ verdict }) => verdict !== 'pass').map((one) => `${one.name}: ${one.reason}`),
      [],
    );
    t.ok(
      found.measurements.slice(1).every(({ own }) => own?.verdict === 'pass'),
      'each layer reads the golden before it',
    );
    const checks: string[] = [];
    await checkPort(resolvePort(spec), hookedBundle(), ({ name: check, state }) => checks.push(`${check} ${state}`));
    t.ok(checks.includes('replace pass'), 'at every name, also where two stand for one output');
    t.ok(checks.includes('recorded first pass'));
    const lacking = await judge(spec, { ...hookedBundle(), parameters: new Map([['fc.weight', [3, 3]]]) });
    t.match(
      lacking.reason,
      /it failed at load: ValueError: the network has fc\.bias, and the bundle has no such weight/,
    );
    const surplus = new Map([...hookedBundle().parameters, ['odd', [1]]]);
    const unknown = await judge(spec, { ...hookedBundle(), parameters: surplus });
    t.match(unknown.reason, /: the bundle has the weight odd, and the network has no such parameter/);
    await checkTraining(t, spec.slice('exec:'.length));
  });

/** The loss is the sum of fc over four tokens (1, 2, 3). */
async function checkTraining(t: import('tap').Test, command: string): Promise<void> {
  const port = await createPort({ device: 'cpu', settings: { command } });
  t.teardown(() => port.close());
  const { inputs, parameters, weights } = hookedBundle();
  const loaded = resolveWeights({ parameters, weights });
  const model = await port.load({}, loaded);
  const session = await model.train!({ optimizer: {}, lrScheduler: {}, loss: {}, iters: 1 });
  const label = { dtype: 'i8', shape: [1, 2, 2], data: new BigInt64Array(4) } as const;
  const found = new Map<string, number[]>();
  const batch = { inputs, label, draws: new Map(), gradients: ['fc.weight', 'fc.bias'] };
  await session.step(batch, (name, { data }) => found.set(name, [...data]));
  t.strictSame(found.get('fc.weight'), [4, 4, 4, 8, 8, 8, 12, 12, 12], "in Paddle's layout");
  t.strictSame(found.get('fc.bias'), [4, 4, 4]);
  await session.read(['fc.weight'], (name, { data }) => found.set(name, [...data]));
  t.strictSame(found.get('fc.weight'), [...loaded.get('fc.weight')!.data]);
}

/**
 * Goldens that are far from what comes before them: a layer agrees only where the golden before it was put in its place.
 */
function hookedBundle(): Bundle {
  const image = tinyBundle().inputs.get('image')!.data as Float32Array;
  const weight = Float32Array.of(1, 2, 0, 0, 1, 3, 0.5, 0, 1);
  const bias = Float32Array.of(0.5, -1, 0.25);
  const map = (values: Float32Array, of: (value: number, at: number) => number) => Float32Array.from(values, of);
  const first = map(image, (value) => 2 * value);
  const second = map(first, (value) => 2 * value);
  // NCHW of [1, 4, 3] tokens; Paddle's weight is [in, out].
  const linear = map(second, (_, at) => {
    const [out, pixel] = [at >> 2, at & 3];
    return [0, 1, 2].reduce((sum, c) => sum + second[4 * c + pixel]! * weight[3 * c + out]!, bias[out]!);
  });
  const one = map(linear, (value) => value + 1);
  const other = map(linear, (value) => value * value);
  const parameters = new Map([
    ['fc.weight', [3, 3]],
    ['fc.bias', [3]],
  ]);
  const arrays = new Map([
    ['fc.weight', float32NdArray([3, 3], weight)],
    ['fc.bias', float32NdArray([3], bias)],
    ['odd', float32NdArray([1], Float32Array.of(0))],
  ]);
  const named: readonly (readonly [string, Float32Array])[] = [
    ['twofold#1', first],
    ['twofold#2', second],
    ['tokens', second],
    ['fc', linear],
    ['fc.same', linear],
    ['pair', one],
    ['pair[1]', other],
    ['logits', map(one, (value, at) => value * other[at]!)],
  ];
  const noise = { relRms: 1e-6, maxOverRms: 5e-6 };
  const probes = named.map(([name, value]) => golden(name, value, { noise, ownNoise: noise }));
  return tinyBundle({ parameters, weights: [{ kind: 'arrays', arrays }], probes });
}

/** Of inference and of training: every probe is missing. */
async function failsAtFirst(t: import('tap').Test, spec: string): Promise<void> {
  const found = await judge(spec, tinyBundle());
  t.equal(found.verdict, 'fail');
  t.equal(found.firstFault, 'y');
  t.strictSame([...new Set(found.measurements.map(({ verdict }) => verdict))], ['missing']);
  const bundle = await readBundle(await writeTestBundle(join(t.testdirName, 'bundle'), undefined, 'train'));
  const trained = await judge(spec, bundle);
  t.equal(trained.reason, null);
  t.equal(trained.verdict, 'fail');
  t.equal(trained.firstFault, 'lr/0');
}

/** @param program of test/ports/new-port, in place of the skeleton */
async function newPython(t: import('tap').Test, program?: string, python = 'python3'): Promise<string> {
  const folder = join(t.testdir(), 'port');
  await run(t, ['python', folder]);
  if (program !== undefined)
    copyFileSync(join(packageRoot, 'test', 'ports', 'new-port', program), join(folder, 'port.py'));
  return `exec:"${python}" "${join(folder, 'port.py')}"`;
}
