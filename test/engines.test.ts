import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { resolveWeights } from '../harness/golden/weights.js';
import { resolveEngine } from '../harness/hosts/resolve-engine.js';
import type { Result } from '../harness/result/record/result.js';
import { onnxEngines } from '../harness/setup/read-onnx-engines.js';
import { packageRoot } from '../harness/support/package-root.js';
import { runProgram } from '../harness/support/run-program.js';
import { editModel } from '../onnx/edit-for-tests.js';
import type { GraphProto } from '../onnx/model-proto.js';
import { exportModel } from '../ports/ort/export-model.js';
import { tipcheck } from './tools-for-tests.js';

t.setTimeout(600_000);

const folder = t.testdir();
/** `wrong`: see engine-for-tests.ts. */
const engine = (wrong = '') =>
  `exec:"${process.execPath}" "${join(packageRoot, 'dist', 'test', 'engine-for-tests.js')}" ${wrong}`.trim();

let runs = 0;
async function judge(...args: string[]) {
  const report = join(folder, `report-${runs++}`);
  const run = await tipcheck(['judge', ...args, '--report', report], folder);
  const text = await readFile(join(report, 'result.json'), 'utf8').catch(() => null);
  return { ...run, found: text === null ? null : (JSON.parse(text) as Result).cases[0]! };
}

t.test("a program that knows load and run alone is judged on a bundle's own network, layer by layer", async (t) => {
  const { exitCode, stdout, stderr, found } = await judge('--engine', engine(), 'segnext-t-odd');
  t.equal(exitCode, 0, stdout + stderr);
  t.match(stdout, /engine +onnxruntime-node [\d.]+ on cpu, CPUExecutionProvider, f32\n/);
  const { measurements, shipped } = found!;
  t.ok(measurements.every(({ verdict }) => verdict === 'pass'));
  t.equal(measurements.filter(({ own }) => own?.verdict === 'pass').length, measurements.length - 1);
  t.equal(shipped?.logits.verdict, 'pass', 'the untouched graph is judged as well');
});

const bundle = await readBundle(resolveBundleFolder('segnext-t'));
const layered = await exportModel(bundle.model, resolveWeights(bundle), {
  draws: 'input',
  layers: true,
  origin: new Map(),
});

t.test('a fault in a file is named first and alone by its own error', async (t) => {
  const faults: Readonly<Record<string, (graph: GraphProto) => void>> = {
    'backbone.block1.0.attn.proj_1': (graph) => {
      const bias = graph.initializer!.find(({ name }) => name === 'backbone.block1.0.attn.proj_1.bias')!;
      const values = new Float32Array(Uint8Array.from(bias.rawData!).buffer);
      values[0]! += 1e-4;
      bias.rawData = new Uint8Array(values.buffer);
    },
    'backbone.patch_embed2.proj': (graph) => {
      const node = graph.node!.find(({ input }) => input!.includes('backbone.patch_embed2.proj.weight'))!;
      node.attribute!.find(({ name }) => name === 'pads')!.ints = [0n, 0n, 2n, 2n];
    },
  };
  for (const [layer, edit] of Object.entries(faults)) {
    await writeFile(join(folder, 'faulty.onnx'), editModel(layered, edit));
    const { exitCode, stdout, found } = await judge('--engine', engine(), 'faulty.onnx', 'segnext-t');
    t.equal(exitCode, 1, stdout);
    t.equal(found?.fault?.name, layer, stdout);
    t.equal(found?.measurements.filter(({ own }) => own?.verdict === 'fail').length, 1);
  }
});

t.test('an engine that fails or hangs is exit 3, and named; outputs that it says it lost are missing', async (t) => {
  const failed = await judge('--engine', engine('refuse'), 'segnext-t-odd');
  t.equal(failed.exitCode, 3);
  t.match(failed.stdout, /Cannot run engine exec:.*: it failed at load: Error: the operator Conv is not here/);
  const hung = await judge('--engine', engine('hang'), 'segnext-t-odd', '--timeout', '20');
  t.equal(hung.exitCode, 3);
  t.match(hung.stdout, /hung: no answer to infer for 20 s/);
  const lost = await judge('--engine', engine('lose'), 'segnext-t-odd');
  t.equal(lost.exitCode, 1, lost.stdout);
  const missing = lost.found!.measurements.filter(({ verdict }) => verdict === 'missing');
  t.ok(missing.length >= 2, `${missing.length}`);
  const later = await judge('--engine', engine('lose-later'), 'segnext-t-odd');
  t.equal(later.exitCode, 3, later.stdout);
  t.match(later.stdout.replaceAll(/\s+/g, ' '), /gave \S+ before, and not in the run with replaced tensors/);
});

t.test(
  'an engine that is not there is exit 3 with the command that brings it, and an unknown one exit 2',
  async (t) => {
    const empty = { XDG_CACHE_HOME: folder };
    for (const { name } of onnxEngines) {
      const { exitCode, stderr } = await tipcheck(['judge', '--engine', name, 'segnext-t-odd'], folder, empty);
      t.equal(exitCode, 3, stderr);
      t.match(stderr, `Fix: npx tipcheck prepare --engine ${name}`);
    }
    const unknown = await tipcheck(['judge', '--engine', 'nothing', 'segnext-t-odd'], folder);
    t.equal(unknown.exitCode, 2);
    t.match(unknown.stderr, /Cannot use engine nothing: it is not one of .* or exec:COMMAND is wanted/);
    const bundles = await tipcheck(['judge', '--engine', engine(), 'm.onnx'], folder);
    t.equal(bundles.exitCode, 2);
    t.match(bundles.stderr, /Cannot judge m\.onnx: no bundle is given; one is wanted/);
  },
);

/** The first layer that an engine computes otherwise than the reference: docs/findings.md has the causes. */
const deviates: Readonly<Record<string, string>> = { mnn: 'backbone.patch_embed1.proj.2' };

for (const { name } of onnxEngines)
  t.test(
    `the adapter ${name} is right on a bundle, or deviates where it is known to`,
    { skip: !isPrepared(name) ? notPrepared(name) : isSlow(name) ? 'slow; npm run test:all runs it' : false },
    async (t) => {
      const { exitCode, stdout, stderr, found } = await judge('--engine', name, 'segnext-t');
      t.equal(exitCode, name in deviates ? 1 : 0, stdout + stderr);
      t.equal(found?.fault?.name, deviates[name]);
    },
  );

const { exitCode: lacksRuntime } = await runProgram('python3', ['-c', 'import onnxruntime']);
const skip = lacksRuntime === 0 ? false : notPrepared('onnxruntime');

t.test("the adapter of Python's runtime runs in any Python that has it", { skip }, async (t) => {
  const path = join(packageRoot, 'engines', 'onnxruntime', 'adapter.py');
  const { exitCode, stdout, stderr } = await judge('--engine', `exec:python3 "${path}"`, 'segnext-t-odd');
  t.equal(exitCode, 0, stdout + stderr);
});

function notPrepared(name: string): string {
  return `the engine ${name} is not prepared`;
}

/** On a CPU shaders compile for minutes. */
function isSlow(name: string): boolean {
  return name === 'onnxruntime-webgpu' && process.env.TIPCHECK_TEST_ALL !== '1';
}

function isPrepared(name: string): boolean {
  try {
    return resolveEngine(name).name === name;
  } catch {
    return false;
  }
}
