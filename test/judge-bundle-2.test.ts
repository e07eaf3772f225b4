import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execaNode } from 'execa';
import t from 'tap';
import { float32NdArray } from '../harness/contract/nd-array.js';
import { addArray, writeTestBundle2 } from '../harness/golden/bundle-2-for-tests.js';
import { type BundleDraft, writeTestBundle } from '../harness/golden/test-bundle.js';
import { packageRoot } from '../harness/support/package-root.js';
import { dataTypes, encodeModel } from '../onnx/model-proto.js';

t.setTimeout(600_000);

const program = join(packageRoot, 'test', 'ports', 'tiny-exec.mjs');

/** What `tipcheck judge` says of a program with a fault, on a bundle of format 2. */
function judge(folder: string, fault: string, change?: (draft: BundleDraft) => void) {
  return judgePort(folder, `exec:"${process.execPath}" "${program}" ${fault}`, change);
}

async function judgePort(folder: string, port: string, change?: (draft: BundleDraft) => void) {
  const bundle = await writeTestBundle2(join(folder, 'tiny'), change);
  const json = join(folder, 'out.json');
  const { exitCode, stdout, stderr } = await tipcheck(['judge', port, bundle, '--json', json]);
  return { exitCode, stdout, stderr, result: JSON.parse(await readFile(json, 'utf8')) };
}

function tipcheck(args: readonly string[]) {
  const options = { reject: false, cwd: packageRoot, env: { TIPCHECK_SKIP_ENSURE: '1' } } as const;
  return execaNode(join(packageRoot, 'cli', 'tipcheck.mjs'), args, options);
}

t.test('a port whose two outputs agree passes', async (t) => {
  const { exitCode, stderr, result } = await judge(t.testdir(), 'none');
  t.equal(exitCode, 0, stderr);
  t.match(result.bundles[0].probes, [
    { name: 'y', verdict: 'pass' },
    { name: 'z', verdict: 'pass' },
    { name: 'logits', verdict: 'pass' },
  ]);
});

t.test('a port whose second output alone is wrong fails, and the output is named', async (t) => {
  const { exitCode, result } = await judge(t.testdir(), 'wrong-logits');
  t.equal(exitCode, 1);
  t.match(result.bundles[0], { verdict: 'fail', first_fault: 'logits' });
  t.match(result.bundles[0].probes, [{ verdict: 'pass' }, { verdict: 'pass' }, { name: 'logits', verdict: 'fail' }]);
});

t.test('a built-in port has no model of a framework: exit 3, with the ways out', async (t) => {
  const torch = ({ json }: BundleDraft) => void Object.assign(json, { model: { type: 'torch:tiny.Net' } });
  const ofTorch = await judgePort(t.testdir(), 'ort', torch);
  t.equal(ofTorch.exitCode, 3);
  t.match(
    ofTorch.stdout,
    /its model is torch:tiny\.Net, which no built-in port has; .* Fix: npx tipcheck judge "exec:COMMAND" \S+tiny/,
  );
  const onnx = (draft: BundleDraft) => {
    Object.assign(draft.json, { model: { type: 'onnx', file: 'model.onnx' } });
    draft.files.set('model.onnx', Uint8Array.of(1, 2, 3));
  };
  const ofOnnx = await judgePort(t.testdir(), 'ort', onnx);
  t.equal(ofOnnx.exitCode, 3);
  t.match(ofOnnx.stdout, / Fix: npx tipcheck judge \S+tiny\/model\.onnx \S+tiny, or npx tipcheck judge "exec:/);
});

t.test('in format 1 the models of frameworks are unknown types, as before: exit 2', async (t) => {
  for (const type of ['onnx', 'torch:tiny.Net']) {
    const folder = await writeTestBundle(
      join(t.testdir(), 'tiny'),
      ({ json }) => void Object.assign(json, { model: { type } }),
    );
    const { exitCode, stderr } = await tipcheck(['judge', 'ort', folder]);
    t.equal(exitCode, 2, type);
    t.ok(stderr.startsWith(`Cannot find the model ${type}: no folder under models/ defines it; `), stderr);
  }
});

/** The bundle's network as an ONNX file, `y = two · image, z = y + one, logits = z²`, with these two weights. */
function useOnnx(draft: BundleDraft): void {
  const { json, files } = draft;
  const weights = { two: float32NdArray([1], Float32Array.of(2)), one: float32NdArray([1], Float32Array.of(1)) };
  const map = {
    tensorType: {
      elemType: dataTypes.float32,
      shape: { dim: [1, 3, 2, 2].map((size) => ({ dimValue: BigInt(size) })) },
    },
  };
  const graph = {
    name: 'tiny',
    node: [
      { opType: 'Mul', input: ['image', 'two'], output: ['y'] },
      { opType: 'Add', input: ['y', 'one'], output: ['z'] },
      { opType: 'Mul', input: ['z', 'z'], output: ['logits'] },
    ],
    input: [{ name: 'image', type: map }],
    output: [{ name: 'logits', type: map }],
    initializer: Object.entries(weights).map(([name, { data }]) => ({
      name,
      dims: [1n],
      dataType: dataTypes.float32,
      rawData: new Uint8Array(data.buffer),
    })),
  };
  files.set('model.onnx', encodeModel({ irVersion: 8n, opsetImport: [{ version: 17n }], graph }));
  const arrays = Object.fromEntries(
    Object.entries(weights).map(([name, array]) => [name, addArray(draft, name, array)]),
  );
  Object.assign(json, { reference: 'onnx', model: { type: 'onnx', file: 'model.onnx' }, outputs: ['logits'] });
  Object.assign(json, { parameters: { two: [1], one: [1] }, weights: [{ arrays }] });
}

t.test("the ONNX file of a bundle is judged on the bundle, with the bundle's weights and with its own", async (t) => {
  for (const options of [[], ['--own-weights']]) {
    const bundle = await writeTestBundle2(join(t.testdir(), 'tiny'), useOnnx);
    const { exitCode, stdout, stderr } = await tipcheck(['judge', join(bundle, 'model.onnx'), bundle, ...options]);
    t.equal(exitCode, 0, stdout + stderr);
    t.match(stdout, /3 probes/);
  }
});

t.test('whole numbers of torch are not looked for in an ONNX file', async (t) => {
  const bundle = await writeTestBundle2(join(t.testdir(), 'tiny'), (draft) => {
    useOnnx(draft);
    const { json } = draft;
    Object.assign(json, { reference: 'torch', model: { type: 'torch:tiny.Net' } });
    json.parameters['norm.num_batches_tracked'] = [];
    const count = addArray(draft, 'count', { dtype: 'i8', shape: [], data: BigInt64Array.of(40n) });
    Object.assign(json.weights[0]!.arrays!, { 'norm.num_batches_tracked': count });
  });
  const { exitCode, stdout, stderr } = await tipcheck(['judge', join(bundle, 'model.onnx'), bundle]);
  t.equal(exitCode, 0, stdout + stderr);
});

const { model: segnext } = JSON.parse(
  await readFile(join(packageRoot, 'fixtures', 'golden', 'segnext-t', 'case.json'), 'utf8'),
);

t.test('a built-in port is not asked for outputs beside logits, nor for layouts: exit 3', async (t) => {
  const ofOutputs = await judgePort(t.testdir(), 'ort', ({ json }) => void Object.assign(json, { model: segnext }));
  t.equal(ofOutputs.exitCode, 3);
  t.match(
    ofOutputs.stdout,
    /it has the output z, and this port gives logits, maps and vectors alone; .* Fix: npx tipcheck judge "exec:/,
  );
  const raw = ({ json }: BundleDraft) => {
    Object.assign(json, { model: segnext, outputs: ['logits'] });
    Object.assign(json.probes![0]!, { layout: 'raw' });
  };
  const ofRaw = await judgePort(t.testdir(), 'ort', raw);
  t.equal(ofRaw.exitCode, 3);
  t.match(
    ofRaw.stdout,
    /it has the probe y of layout raw, \[1, 3, 2, 2\], and this port gives logits, maps and vectors alone/,
  );
});

t.test('a built-in port takes an image alone: exit 3', async (t) => {
  const { exitCode, stdout } = await judgePort(t.testdir(), 'ort', (draft) => {
    Object.assign(draft.json, { model: segnext, outputs: ['logits'] });
    draft.json.inputs!.ids = addArray(draft, 'ids', { dtype: 'i8', shape: [2], data: BigInt64Array.of(1n, 2n) });
  });
  t.equal(exitCode, 3);
  t.match(stdout, /it gives the model ids, i8 \[2\], and this port takes an image .* Fix: npx tipcheck judge "exec:/);
});

t.test('a program that takes an image alone is not given another type: exit 3', async (t) => {
  const { exitCode, stdout } = await judge(t.testdir(), 'none', (draft) => {
    draft.json.inputs!.image = addArray(draft, 'whole', { dtype: 'u1', shape: [1, 3, 2, 2], data: new Uint8Array(12) });
  });
  t.equal(exitCode, 3);
  t.match(
    stdout,
    /it gives the model image, u1 \[1, 3, 2, 2\], and this port takes an image of float32 \[b, 3, h, w\] alone; /,
  );
});
