import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { resolveWeights } from '../../harness/golden/weights.js';
import { decodeModel, encodeModel, type ModelProto } from '../../onnx/model-proto.js';
import { exportModel } from '../ort/export-model.js';
import { createPort as createOrtPort } from '../ort/port.js';
import { testRunInParts } from '../ort/run-in-parts-for-tests.js';
import { relativeRms, smallSection } from '../ort/small-model-for-tests.js';
import { seededModel } from '../tfjs-shared/seeded-model-for-tests.js';
import { createOnnxFilePort, createPort } from './port.js';

const imageShape = [2, 3, 37, 64];
const { weights, request } = await seededModel(smallSection, imageShape);
const probes = [
  'backbone.patch_embed1.proj.0',
  'backbone.block2.0',
  'backbone.norm3',
  'decode_head.hamburger.ham',
  'logits',
];
/** Two ways of rounding the same sums differ by less than this. */
const rounding = 1e-5;

const expected = await runPort(await createOrtPort({ device: 'cpu' }), weights);
const otherWeights = new Map(
  [...weights].map(([name, { shape, data }]) => [name, { dtype: 'f4', shape, data: data.map((v) => v / 2) } as const]),
);
const layered = { draws: 'random', layers: true, origin: new Map() } as const;

t.test("a file with other weights and its own random bases gives the bundle's results", async (t) => {
  const path = join(t.testdir(), 'm.onnx');
  writeFileSync(path, await exportModel(smallSection, otherWeights, layered));
  const port = await createPort({ device: 'cpu', settings: { path } });
  t.match(port.report.details, { 'replaced by the draws of the bundle': /RandomUniformLike/ });
  t.match(port.report.details, { 'draws at random': /^RandomUniformLike \S+$/ });
  const found = await runPort(port, weights);
  t.strictSame([...found.keys()].sort(), [...probes].sort());
  for (const name of probes) t.ok(relativeRms(found.get(name)!.data, expected.get(name)!.data) < rounding, name);
});

t.test('a replaced probe changes all that follows, and what follows alone', async (t) => {
  const path = join(t.testdir(), 'm.onnx');
  writeFileSync(path, await exportModel(smallSection, weights, layered));
  const zeros = { ...expected.get('backbone.block2.0')!, data: expected.get('backbone.block2.0')!.data.map(() => 0) };
  const replacements = new Map([['backbone.block2.0', zeros]]);
  const found = await runPort(await createPort({ device: 'cpu', settings: { path } }), weights, replacements);
  const wanted = await runPort(await createOrtPort({ device: 'cpu' }), weights, replacements);
  for (const name of probes) t.ok(relativeRms(found.get(name)!.data, wanted.get(name)!.data) < rounding, name);
  t.ok(relativeRms(found.get('backbone.block2.0')!.data, expected.get('backbone.block2.0')!.data) < rounding);
  t.notOk(relativeRms(found.get('backbone.norm3')!.data, expected.get('backbone.norm3')!.data) < 0.1);
});

t.test('tokens [b, n, c] are judged as the feature map, and replaced by one', async (t) => {
  const path = join(t.testdir(), 'm.onnx');
  const model = decodeModel(await exportModel(smallSection, weights, layered));
  makeTokens(model, 'backbone.block2.0');
  writeFileSync(path, encodeModel(model));
  const found = await runPort(await createPort({ device: 'cpu', settings: { path } }), weights, expected);
  t.strictSame(found.get('backbone.block2.0')!.shape, expected.get('backbone.block2.0')!.shape);
  for (const name of probes) t.ok(relativeRms(found.get(name)!.data, expected.get(name)!.data) < rounding, name);
});

t.test('a map names tensors; one that does not exist is refused', async (t) => {
  const folder = t.testdir({ 'bad.yaml': 'logits: logit\n', 'list.yaml': '- logits\n', 'number.yaml': 'logits: 3\n' });
  const path = join(folder, 'm.onnx');
  const model = decodeModel(await exportModel(smallSection, weights, layered));
  for (const node of model.graph!.node!) {
    node.input = node.input!.map((name) => (name === 'backbone.norm3' ? 'mine' : name));
    node.output = node.output!.map((name) => (name === 'backbone.norm3' ? 'mine' : name));
  }
  writeFileSync(path, encodeModel(model));
  const without = await runPort(await createOnnxFilePort(path, { device: 'cpu' }), weights);
  t.notOk(without.has('backbone.norm3'));
  writeFileSync(join(folder, 'map.yaml'), 'backbone.norm3: mine\n');
  const found = await runPort(
    await createOnnxFilePort(path, { device: 'cpu', map: join(folder, 'map.yaml') }),
    weights,
  );
  t.ok(relativeRms(found.get('backbone.norm3')!.data, expected.get('backbone.norm3')!.data) < rounding);
  const refusals = {
    bad: 'has no tensor of that name. Did you mean logits?',
    list: 'it is not a mapping',
    number: 'logits holds 3',
    none: 'there is no such file',
  };
  for (const [name, text] of Object.entries(refusals)) {
    const map = join(folder, `${name}.yaml`);
    await t.rejects(createOnnxFilePort(path, { device: 'cpu', map }), { name: 'UserError', message: new RegExp(text) });
  }
});

t.test("own weights are kept where they are the bundle's, and refused where not", async (t) => {
  const path = join(t.testdir(), 'm.onnx');
  writeFileSync(path, await exportModel(smallSection, weights, layered));
  const port = await createPort({ device: 'cpu', settings: { path, ownWeights: true } });
  const found = await runPort(port, weights);
  t.ok(relativeRms(found.get('logits')!.data, expected.get('logits')!.data) < rounding);
  await t.rejects(port.load(smallSection, otherWeights), {
    name: 'UserError',
    message: /differ from the bundle's .* Fix: npx tipcheck weights/,
  });
});

t.test('what is not an ONNX file is refused in one sentence', async (t) => {
  const folder = t.testdir({ 'text.onnx': 'not a model', 'empty.onnx': '' });
  const whole = await exportModel(smallSection, weights, layered);
  writeFileSync(join(folder, 'half.onnx'), whole.subarray(0, whole.length / 2));
  for (const name of ['text', 'empty', 'half', 'absent']) {
    const path = join(folder, `${name}.onnx`);
    await t.rejects(createPort({ device: 'cpu', settings: { path } }), {
      name: 'UserError',
      message: new RegExp(
        `^Cannot read .*${name}\\.onnx: .*; (an|a whole) ONNX model is wanted(\\. Fix: copy or export it again)?$`,
      ),
    });
  }
});

async function runPort(
  port: Awaited<ReturnType<typeof createPort>>,
  given: typeof weights,
  replacements: ReadonlyMap<string, Float32NdArray> = new Map(),
): Promise<Map<string, Float32NdArray>> {
  const model = await port.load(smallSection, given);
  const found = new Map<string, Float32NdArray>();
  await model.infer({ ...request(probes), replacements }, (name, { shape, data }) => {
    found.set(name, { dtype: 'f4', shape, data: data.slice() });
  });
  await model.dispose();
  await port.close();
  return found;
}

/** The tensor leaves its node as [b, n, c], as the reference's blocks have it; readers get the feature map back. */
function makeTokens({ graph }: ModelProto, name: string): void {
  const nodes = graph!.node!;
  const at = nodes.findIndex(({ output }) => output?.includes(name));
  const sizes = (shape: string, values: bigint[]) => ({
    name: shape,
    dims: [BigInt(values.length)],
    dataType: 7,
    rawData: new Uint8Array(BigInt64Array.from(values).buffer),
  });
  const perm = (name_: string, ints: bigint[]) => [{ name: name_, type: 7, ints }];
  graph!.initializer!.push(sizes('flat', [0n, 0n, -1n]));
  nodes[at]!.output = ['map'];
  for (const node of nodes) node.input = node.input!.map((input) => (input === name ? 'map.again' : input));
  nodes.splice(
    at + 1,
    0,
    { opType: 'Shape', input: ['map'], output: ['map.shape'] },
    { opType: 'Reshape', input: ['map', 'flat'], output: ['map.flat'] },
    { opType: 'Transpose', input: ['map.flat'], output: [name], attribute: perm('perm', [0n, 2n, 1n]) },
    { opType: 'Transpose', input: [name], output: ['map.back'], attribute: perm('perm', [0n, 2n, 1n]) },
    { opType: 'Reshape', input: ['map.back', 'map.shape'], output: ['map.again'] },
  );
}

t.test('a run in parts gives what it gives at once, and each part is given only what it reads', async (t) => {
  const bundle = await readBundle(resolveBundleFolder('segnext-t'));
  const path = join(t.testdir(), 'm.onnx');
  writeFileSync(path, await exportModel(bundle.model, resolveWeights(bundle), layered));
  const port = await createPort({ device: 'cpu', settings: { path } });
  const model = await port.load(bundle.model, resolveWeights(bundle));
  await testRunInParts(t, model, bundle);
  await model.dispose();
});
