import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { resolveWeights } from '../harness/golden/weights.js';
import type { Result } from '../harness/result/record/result.js';
import { editModel } from '../onnx/edit-for-tests.js';
import type { GraphProto, NodeProto } from '../onnx/model-proto.js';
import { exportModel } from '../ports/ort/export-model.js';
import { tipcheck } from './tools-for-tests.js';

t.setTimeout(600_000);

const folder = t.testdir();
const bundle = await readBundle(resolveBundleFolder('segnext-t'));
const weights = resolveWeights(bundle);
const layered = await exportModel(bundle.model, weights, { draws: 'input', layers: true, origin: new Map() });

/** As of an exporter that has its own names for everything but the inputs. */
function rename(graph: GraphProto): void {
  const names = new Map<string, string>();
  const of = (name: string) => names.get(name) ?? name;
  for (const one of graph.initializer!) names.set(one.name!, `w${names.size}`);
  for (const node of graph.node!) for (const output of node.output!) names.set(output, `t${names.size}`);
  for (const one of [...graph.initializer!, ...graph.output!]) one.name = of(one.name!);
  for (const node of graph.node!) {
    node.input = node.input!.map(of);
    node.output = node.output!.map(of);
    delete node.name;
  }
  const last = graph.output!.filter(({ name }) => name === of('logits'));
  if (last.length > 0) graph.output = last;
}

async function judge(name: string, edit: (graph: GraphProto) => void, ...more: string[]) {
  await writeFile(
    join(folder, `${name}.onnx`),
    editModel(layered, (graph) => {
      edit(graph);
      rename(graph);
    }),
  );
  const run = await tipcheck(['judge', `${name}.onnx`, 'segnext-t', '--report', name, ...more], folder);
  const text = await readFile(join(folder, name, 'result.json'), 'utf8').catch(() => null);
  return { ...run, found: text === null ? null : (JSON.parse(text) as Result).cases[0]! };
}

const nodeOf = (graph: GraphProto, output: string) => graph.node!.find((node) => node.output!.includes(output))!;
const readerOf = (graph: GraphProto, weight: string) => graph.node!.find((node) => node.input!.includes(weight))!;
const weightOf = (graph: GraphProto, name: string) => graph.initializer!.find((one) => one.name === name)!;

t.test('a file without names is judged layer by layer, and the map that it gives says the same', async (t) => {
  const { exitCode, stdout, stderr, found } = await judge('clean', () => undefined, '--write-map', 'map.yaml');
  t.equal(exitCode, 0, stdout + stderr);
  t.match(stdout, /weights +the file's own: 519 of 519 compared \(519 by value\), equal to the bundle's\n/);
  t.match(stdout, /tensors +1 as the output, 352 by value\n/);
  t.match(stdout, /free sizes +2×3×48×64 equals single runs within \S+× noise; 1×3×112×128 runs\n/);
  t.equal(found!.measurements.filter(({ own }) => own?.verdict === 'pass').length, 352, 'each is judged on its own');
  t.match(found!.measurements[0]!.found, { by: 'value', tensor: /^t\d+$/ });
  const mapped = await judge('mapped', () => undefined, '--map', 'map.yaml');
  t.equal(mapped.exitCode, 0, mapped.stdout + mapped.stderr);
  t.match(mapped.stdout, /tensors +352 by the map, 1 as the output\n/);
  t.strictSame(
    mapped.found!.measurements.map(({ found: place }) => place!.tensor),
    found!.measurements.map(({ found: place }) => place!.tensor),
  );
  await writeFile(join(folder, 'bad.yaml'), 'backbone.nrm1: t700\n');
  const bad = await judge('bad', () => undefined, '--map', 'bad.yaml');
  t.equal(bad.exitCode, 2);
  t.match(
    bad.stderr,
    /Cannot map backbone\.nrm1 to a tensor of .*: the bundle has no probe.*Did you mean backbone\.norm1\?/,
  );
});

/** What reads `tensor` reads what these nodes make of it. */
function insertBehind(graph: GraphProto, tensor: string, nodes: (made: string) => NodeProto[]): void {
  const maker = nodeOf(graph, tensor);
  const made = `${tensor}/made`;
  maker.output = maker.output!.map((name) => (name === tensor ? made : name));
  graph.node!.splice(graph.node!.indexOf(maker) + 1, 0, ...nodes(made));
}

t.test('a file that declares a free batch and mixes its images, or has its batch baked in, fails', async (t) => {
  const constant = (name: string, dataType: number, values: Float32Array | BigInt64Array) => ({
    ...{ name, dataType, rawData: new Uint8Array(values.buffer) },
    dims: values.length === 1 ? [] : [BigInt(values.length)],
  });
  const mix = (graph: GraphProto) => {
    graph.initializer!.push(constant('half', 1, Float32Array.of(0.5)), constant('first', 7, BigInt64Array.of(0n)));
    insertBehind(graph, 'backbone.norm2', (made) => [
      { opType: 'Gather', input: [made, 'first'], output: ['one'] },
      { opType: 'Sub', input: [made, 'one'], output: ['apart'] },
      { opType: 'Mul', input: ['apart', 'half'], output: ['moved'] },
      { opType: 'Add', input: ['moved', 'one'], output: ['backbone.norm2'] },
    ]);
  };
  const mixed = await judge('mixed', mix, '--json', 'mixed.json');
  t.equal(mixed.exitCode, 1, mixed.stdout + mixed.stderr);
  t.ok(mixed.found!.measurements.every(({ verdict }) => verdict === 'pass' || verdict === 'uninformative'));
  t.match(
    mixed.stdout,
    /reason +the file declares free sizes, and fails at a batch of two, \[2, 3, 48, 64\]: logits of it and of single runs are \S+× noise apart \(at most 4 × is wanted\), .*; it begins at Gather t\d+\n/,
  );
  const { verdict, bundles } = JSON.parse(await readFile(join(folder, 'mixed.json'), 'utf8'));
  t.match({ verdict, sizes: bundles[0].sizes }, { verdict: 'fail', sizes: [{ verdict: 'fail' }, { verdict: 'pass' }] });
  const bake = (graph: GraphProto) => {
    graph.initializer!.push(constant('baked', 7, BigInt64Array.of(1n, 64n, -1n, 8n)));
    insertBehind(graph, 'backbone.norm2', (made) => [
      { opType: 'Reshape', input: [made, 'baked'], output: ['backbone.norm2'] },
    ]);
  };
  const baked = await judge('baked', bake);
  t.equal(baked.exitCode, 1, baked.stdout + baked.stderr);
  t.match(
    baked.stdout,
    /reason +the file declares free sizes, and fails at .*; it begins at Reshape t\d+, whose sizes have the constant w\d+ of \[1, 64, -1, 8\]\n/,
  );
});

t.test('a file with channels last is judged, its image and its logits turned', async (t) => {
  const turn = (graph: GraphProto) => {
    const transpose = (from: string, to: string, perm: bigint[]) => ({
      ...{ opType: 'Transpose', input: [from], output: [to] },
      attribute: [{ name: 'perm', ints: perm, type: 7 }],
    });
    for (const node of graph.node!) node.input = node.input!.map((name) => (name === 'image' ? 'turned' : name));
    const [image] = graph.input!;
    Object.assign(image!, {
      name: 'picture',
      type: { tensorType: { elemType: 1, shape: { dim: sizes(1, 48, 64, 3) } } },
    });
    graph.node!.unshift(transpose('picture', 'turned', [0n, 3n, 1n, 2n]));
    graph.node!.push(transpose('logits', 'last', [0n, 2n, 3n, 1n]));
    graph.output = [{ name: 'last', type: { tensorType: { elemType: 1 } } }];
  };
  const sizes = (...values: number[]) => values.map((value) => ({ dimValue: BigInt(value) }));
  for (const more of [[], ['--only', 'logits']]) {
    const { exitCode, stdout, stderr } = await judge('last', turn, ...more);
    t.equal(exitCode, 0, stdout + stderr);
  }
});

t.test('a fault is found at its layer without names', async (t) => {
  const faults: Record<string, (graph: GraphProto) => void> = {
    'backbone.norm3': (graph) => {
      readerOf(graph, 'backbone.norm3.weight').attribute!.find(({ name }) => name === 'epsilon')!.f = 1e-3;
    },
    'backbone.block3.2.mlp.fc1': (graph) => {
      const weight = weightOf(graph, 'backbone.block3.2.mlp.fc1.weight');
      const scaled = new Float32Array(Uint8Array.from(weight.rawData!).buffer).map((value) => value * 1.01);
      weight.rawData = new Uint8Array(scaled.buffer);
    },
    'backbone.block2.1.attn.proj_2': (graph) => {
      const node = readerOf(graph, 'backbone.block2.1.attn.proj_2.weight');
      node.input = node.input!.slice(0, 2);
    },
    'backbone.block4.0.mlp.act': (graph) => {
      const activation = nodeOf(graph, nodeOf(graph, 'backbone.block4.0.mlp.act').input![0]!);
      Object.assign(activation, { opType: 'Relu', attribute: [] });
    },
  };
  for (const [layer, edit] of Object.entries(faults)) {
    const { exitCode, found, stderr } = await judge(layer, edit);
    t.equal(exitCode, 1, stderr);
    t.equal(found!.fault?.name, layer);
    t.equal(found!.firstFault, layer);
  }
});

const floatsOf = (graph: GraphProto, name: string) =>
  new Float32Array(Uint8Array.from(weightOf(graph, name).rawData!).buffer);

/** As exporters fold the norm of a patch embedding into its convolution; `factor` is a fault. */
function foldNorm(graph: GraphProto, factor: number): void {
  const layer = 'backbone.patch_embed2';
  const [gains, shifts, means, variances] = ['weight', 'bias', '_mean', '_variance'].map((leaf) =>
    floatsOf(graph, `${layer}.norm.${leaf}`),
  );
  const scales = gains!.map((gain, at) => gain / Math.sqrt(variances![at]! + 1e-5));
  const weight = floatsOf(graph, `${layer}.proj.weight`);
  const size = weight.length / scales.length;
  const put = (name: string, values: Float32Array) => {
    weightOf(graph, name).rawData = new Uint8Array(values.buffer);
  };
  put(
    `${layer}.proj.weight`,
    weight.map((value, at) => value * scales[Math.floor(at / size)]! * factor),
  );
  const biases = floatsOf(graph, `${layer}.proj.bias`);
  put(
    `${layer}.proj.bias`,
    biases.map((bias, at) => (bias - means![at]!) * scales[at]! + shifts![at]!),
  );
  const norm = readerOf(graph, `${layer}.norm._variance`);
  Object.assign(norm, { opType: 'Identity', input: norm.input!.slice(0, 1), attribute: [] });
  graph.initializer = graph.initializer!.filter(({ name }) => !name!.startsWith(`${layer}.norm.`));
}

t.test('a layer that was folded into the next is fused, and is no pass by itself', async (t) => {
  const { exitCode, stdout, stderr, found } = await judge('folded', (graph) => foldNorm(graph, 1));
  t.equal(exitCode, 0, stdout + stderr);
  t.match(
    stdout,
    /weights +the file's own: 519 of 519 compared .*, norms folded into 1 convolution, equal to the bundle's\n/,
  );
  t.match(stdout, /tensors +1 as the output, 351 by value, 1 fused into others\n/);
  const fused = found!.measurements.filter(({ reason }) => reason === 'fused');
  t.match(fused, [{ name: 'backbone.patch_embed2.proj', verdict: 'uninformative', compared: 0 }]);
  const alone = await judge('alone', (graph) => foldNorm(graph, 1), '--only', 'backbone.patch_embed2.proj');
  t.equal(alone.exitCode, 1);
  t.match(alone.stdout, /reason +no informative probe was compared/);
  const scaled = await judge('scaled', (graph) => foldNorm(graph, 1.01));
  t.equal(scaled.exitCode, 1);
  t.equal(scaled.found!.firstFault, 'backbone.patch_embed2.norm');
  t.match(
    scaled.stdout,
    /513 equal to the bundle's and 6 not \(backbone\.patch_embed2\.proj\.weight, .*\), the likely cause/,
  );
});

t.test('what no output needs is nobody’s tensor, and a file of another network is refused', async (t) => {
  const { exitCode, found, stdout, stderr } = await judge('dead', (graph) => {
    const wrong = readerOf(graph, 'backbone.norm3.weight');
    graph.node!.push({ ...wrong, output: ['right'] });
    wrong.attribute = wrong.attribute!.map((one) => (one.name === 'epsilon' ? { ...one, f: 1e-3 } : one));
  });
  t.equal(exitCode, 1, stdout + stderr);
  t.equal(found!.firstFault, 'backbone.norm3');
  const other = await judge('other', (graph) => {
    for (const one of graph.initializer!)
      if (one.rawData !== undefined) one.rawData = one.rawData.map((byte) => byte ^ 1);
  });
  t.equal(other.exitCode, 2);
  t.match(other.stderr, /none of its weights is the bundle's/);
});
