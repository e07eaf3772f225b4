import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import t from 'tap';
import { type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import { renderPdparams } from '../../harness/golden/render-pdparams.js';
import { writeWeightsFile } from '../../harness/golden/weights-file.js';
import { serveBytes, serveForTests } from '../fetch/server-for-tests.js';
import { initialWeights } from '../train/initial-weights.js';
import { loadPretrained } from './load-pretrained.js';

const sectionOf = (backbone: object, more: object = {}) => ({
  type: 'SegNeXt',
  backbone: { type: 'MSCAN_T', ...backbone },
  num_classes: 3,
  decoder_cfg: { channels: 32, ham_channels: 32, ham_kwargs: { MD_R: 4 }, dropout_rate: 0.1, align_corners: false },
  ...more,
});
const initial = await initialWeights(sectionOf({}), 1);
const others = await initialWeights(sectionOf({}), 2);
const backbone = new Map([...others].flatMap(([name, array]) => strip(name, array)));

function strip(name: string, array: Float32NdArray): [string, Float32NdArray][] {
  return name.startsWith('backbone.') ? [[name.slice('backbone.'.length), array]] : [];
}

async function load(
  folder: string,
  arrays: ReadonlyMap<string, Float32NdArray>,
  ending = 'pdparams',
  section: (path: string) => object = (path) => sectionOf({ pretrained: path }),
) {
  const path = join(folder, `weights.${ending}`);
  await writeWeightsFile(path, arrays);
  const { weights, said } = await loadPretrained(section(path) as ReturnType<typeof sectionOf>, initial, null);
  return { weights, said: said.replaceAll(path, '<path>') };
}

t.test('all 506 tensors of MSCAN_T take the place of the initial ones, and the head keeps its own', async (t) => {
  t.equal(backbone.size, 506);
  for (const ending of ['pdparams', 'safetensors', 'npz']) {
    const { weights, said } = await load(t.testdir({}), backbone, ending);
    t.equal(said, '506 of 506 backbone tensors, head from initialisation (<path>)');
    for (const [name, { data }] of initial) {
      const expected = name.startsWith('backbone.') ? others.get(name)!.data : data;
      if (weights.get(name)!.data.some((value, at) => value !== expected[at])) t.fail(`${ending}: ${name}`);
    }
  }
});

t.test("a path may be a zip's with one .pdparams in it, and nothing is left beside it", async (t) => {
  const folder = t.testdir({});
  const zip = join(folder, 'mscan_t.zip');
  const loadZip = (source: string) => loadPretrained(sectionOf({}), initial, source);
  writeFileSync(zip, zipSync({ 'pretrained/model.pdparams': renderPdparams(backbone) }));
  const { weights, said } = await loadZip(zip);
  t.equal(said, `506 of 506 backbone tensors, head from initialisation (${zip})`);
  const name = 'block3.4.mlp.fc1.weight';
  t.strictSame(weights.get(`backbone.${name}`)!.data, backbone.get(name)!.data);
  t.strictSame(readdirSync(folder), ['mscan_t.zip']);

  await t.rejects(loadZip(join(folder, 'none.zip')), {
    name: 'UserError',
    message: `Cannot read weights ${join(folder, 'none.zip')}: there is no such file; a zip with one .pdparams is wanted`,
  });
  writeFileSync(zip, zipSync({ 'readme.txt': Buffer.from('none') }));
  await t.rejects(loadZip(zip), {
    name: 'UserError',
    message: `Cannot unpack ${zip}: it holds no .pdparams; a zip with one .pdparams is wanted. Fix: the zip as it was published`,
  });
  t.strictSame(readdirSync(folder), ['mscan_t.zip']);
});

t.test("a whole model's file gives its backbone, and what is not loaded is said", async (t) => {
  const { said } = await load(t.testdir({}), others);
  t.equal(
    said,
    '506 of 506 backbone tensors, head from initialisation (<path>; 13 more in it, such as decode_head.squeeze._conv.weight, are not loaded)',
  );
  const withHead = new Map([...backbone, ['head.weight', float32NdArray([2], Float32Array.of(1, 2))] as const]);
  t.match((await load(t.testdir({}), withHead)).said, '(<path>; 1 more in it, such as head.weight, are not loaded)');
});

t.test('model.pretrained is the whole model, and goes before the backbone', async (t) => {
  const whole = (path: string) => sectionOf({ pretrained: 'nowhere.pdparams' }, { pretrained: path });
  const { weights, said } = await load(t.testdir({}), others, 'pdparams', whole);
  t.equal(said, '519 of 519 tensors (<path>)');
  t.equal(weights.get('decode_head.conv_seg.weight')!.data[0], others.get('decode_head.conv_seg.weight')!.data[0]);
  await t.rejects(load(t.testdir({}), backbone, 'pdparams', whole), { message: /it lacks backbone\.patch_embed1\./ });
});

t.test('a missing, a misshapen and a surplus tensor each stop the training', async (t) => {
  const name = 'block3.4.mlp.fc1.weight';
  const missing = new Map([...backbone].filter(([key]) => key !== name));
  const misshapen = new Map([...backbone, [name, float32NdArray([3], Float32Array.of(1, 2, 3))] as const]);
  const surplus = new Map([...backbone, ['block3.5.layer_scale_1', float32NdArray([1], Float32Array.of(1))] as const]);
  for (const [arrays, message] of [
    [missing, /^Cannot load .*: it lacks block3\.4\.mlp\.fc1\.weight; \[640, 160, 1, 1\] is wanted\. Fix: /],
    [misshapen, /^Cannot load .*: block3\.4\.mlp\.fc1\.weight is \[3\]; \[640, 160, 1, 1\] is wanted\. Fix: /],
    [surplus, /^Cannot load .*: it has block3\.5\.layer_scale_1, and the model has nothing of that name; weights of/],
  ] as const)
    await t.rejects(load(t.testdir({}), arrays), { name: 'UserError', message });
});

t.test('a classifier of other classes, or none, leaves that part to initialisation, and is said', async (t) => {
  const section = {
    type: 'LPSNet',
    ...{ depths: [1, 1, 1, 1], channels: [2, 3, 4, 5], scale_ratios: [1, 0.5], num_classes: 3 },
  };
  const [initial, trained] = await Promise.all([initialWeights(section, 1), initialWeights(section, 2)]);
  const loadLpsNet = async (arrays: ReadonlyMap<string, Float32NdArray>) => {
    const path = join(t.testdir({}), 'weights.pdparams');
    await writeWeightsFile(path, arrays);
    const { weights, said } = await loadPretrained({ ...section, pretrained: path }, initial, null);
    return { weights, said: said.replaceAll(path, '<path>') };
  };
  const without = new Map([...trained].filter(([name]) => !name.startsWith('head.')));
  const ofMore = new Map([
    ...trained,
    ['head.weight', float32NdArray([9, 10, 1, 1], new Float32Array(90))] as const,
    ['head.bias', float32NdArray([9], new Float32Array(9))] as const,
  ]);
  for (const [arrays, said] of [
    [trained, '42 of 42 tensors (<path>)'],
    [without, '40 of 40 tensors, head from initialisation, for the weights have none (<path>)'],
    [
      ofMore,
      '40 of 40 tensors, head from initialisation, for the weights are of 9 classes, and not of 3 (<path>; 2 more in it, such as head.weight, are not loaded)',
    ],
  ] as const) {
    const found = await loadLpsNet(arrays);
    t.equal(found.said, said);
    const source = said.includes('head from') ? initial : trained;
    t.strictSame(found.weights.get('head.weight'), source.get('head.weight'));
    t.strictSame(found.weights.get('nets.1.3.0._conv.weight'), trained.get('nets.1.3.0._conv.weight'));
  }
  const half = new Map([...trained].filter(([name]) => name !== 'head.bias'));
  await t.rejects(loadLpsNet(half), { name: 'UserError', message: /it lacks head\.bias; \[3\] is wanted/ });
  const damaged = new Map([...trained, ['head.bias', float32NdArray([4], new Float32Array(4))] as const]);
  await t.rejects(loadLpsNet(damaged), { message: /head\.bias is \[4\]; \[3\] is wanted/ });
  const broken = new Map([...without].filter(([name]) => name !== 'nets.0.2.0._conv.weight'));
  await t.rejects(loadLpsNet(broken), { message: /it lacks nets\.0\.2\.0\._conv\.weight/ });
});

t.test("a larger network's file, which has all that a smaller asks for, is not taken for it", async (t) => {
  const [small, large] = await Promise.all(
    [1, 2].map((deep) =>
      initialWeights(sectionOf({ type: 'MSCAN', embed_dims: [8, 8, 16, 16], depths: [1, 1, deep, 1] }), 1),
    ),
  );
  t.ok([...small!.keys()].every((name) => large!.has(name)));
  const path = join(t.testdir({}), 'large.pdparams');
  await writeWeightsFile(path, new Map([...large!].flatMap(([name, array]) => strip(name, array))));
  const section = sectionOf({ type: 'MSCAN', embed_dims: [8, 8, 16, 16], depths: [1, 1, 1, 1], pretrained: path });
  await t.rejects(loadPretrained(section, small!, null), { name: 'UserError', message: /it has block3\.1\./ });
});

t.test('a network without a backbone takes all of a file that is given in the place of its own', async (t) => {
  const path = join(t.testdir({}), 'flat.npz');
  const flat = (value: number) => new Map([['head.weight', float32NdArray([1], Float32Array.of(value))]]);
  await writeWeightsFile(path, flat(2));
  const { weights, said } = await loadPretrained({ type: 'LPSNet' }, flat(1), path);
  t.equal(said, `1 of 1 tensors (${path})`);
  t.equal(weights.get('head.weight')!.data[0], 2);
});

t.test('none leaves all as it was, and says what was not loaded', async (t) => {
  const { weights, said } = await loadPretrained(sectionOf({ pretrained: 'https://x/y.zip' }), initial, 'none');
  t.equal(weights, initial);
  t.equal(said, 'all 519 tensors from initialisation; https://x/y.zip was not loaded, as --pretrained none says');
});

t.test('an address is fetched into the cache; where nobody answers, it is said what to put where', async (t) => {
  const folder = t.testdir({});
  const path = join(folder, 'there.pdparams');
  await writeWeightsFile(path, backbone);
  const server = await serveForTests(t);
  server.answer(serveBytes(readFileSync(path)));
  const address = `${server.base}/mscan_t.pdparams`;
  const options = { to: join(folder, 'cached.pdparams'), backoffMs: () => 1 };
  const { said } = await loadPretrained(sectionOf({ pretrained: address }), initial, null, options);
  t.equal(said, `506 of 506 backbone tensors, head from initialisation (${address})`);
  t.match(readFileSync(`${options.to}.sha256`, 'utf8'), /^[0-9a-f]{64} {2}cached\.pdparams\n$/);
  const nobody = { ...options, to: join(folder, 'other.pdparams') };
  await t.rejects(loadPretrained(sectionOf({ pretrained: 'http://127.0.0.1:2/m.zip' }), initial, null, nobody), {
    name: 'EnvironmentError',
    message: `Cannot fetch http://127.0.0.1:2/m.zip: 127.0.0.1:2 refuses the connection (2 tries); the file is wanted. Fix: download it elsewhere and put it at ${nobody.to}, or --pretrained none to train from random weights`,
  });
});

t.test('what is not weights is a sentence', async (t) => {
  const path = join(t.testdir({}), 'pointer.pdparams');
  writeFileSync(path, 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n');
  await t.rejects(loadPretrained(sectionOf({ pretrained: path }), initial, null), {
    name: 'UserError',
    message: /pointer\.pdparams.*Git LFS pointer, not the file/,
  });
});

t.test("weights with a prefix or with PyTorch's names are told so, not that they lack tensors", async (t) => {
  const renamed = (rename: (name: string) => string) =>
    new Map([...backbone].map(([name, array]) => [rename(name), array]));
  for (const [rename, why] of [
    [(name: string) => `module.${name}`, 'its names begin with "module."; names without it are wanted'],
    [(name: string) => `module.backbone.${name}`, 'its names begin with "module."; names without it are wanted'],
    [
      (name: string) => name.replace(/\._mean$/, '.running_mean').replace(/\._variance$/, '.running_var'),
      "its names are PyTorch's, such as patch_embed1.proj.1.running_mean; Paddle's are wanted: _mean for running_mean, _variance for running_var, no num_batches_tracked, weights of linear layers transposed",
    ],
  ] as const) {
    const folder = t.testdir({});
    await t.rejects(load(folder, renamed(rename), 'safetensors'), {
      name: 'UserError',
      message: `Cannot load ${join(folder, 'weights.safetensors')}: ${why}. Fix: tipcheck convert, which renames them (docs/convert.md), or --pretrained none`,
    });
  }
});
