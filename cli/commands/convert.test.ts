import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import { denseTensor, floats, pickleStateDict, zipPth } from '../../harness/golden/pth-for-tests.js';
import { readWeightsFile, writeWeightsFile } from '../../harness/golden/weights-file.js';
import { smallSection } from '../../ports/ort/small-model-for-tests.js';
import { seededModel } from '../../ports/tfjs-shared/seeded-model-for-tests.js';
import { commandRunner } from '../run-command-for-tests.js';
import { register } from './convert.js';

const run = commandRunner(register, 'convert');
const { weights } = await seededModel(smallSection, [1, 3, 32, 32]);

async function makeFolder(t: import('tap').Test, arrays: ReadonlyMap<string, NdArray> = weights) {
  const folder = t.testdir({
    'c.yml': `model: ${JSON.stringify(smallSection)}\n`,
    'lpsnet.yml':
      'model: {type: LPSNet, num_classes: 2, depths: [1, 1, 1], channels: [4, 6, 8], scale_ratios: [1.0, 0.5]}\n',
  });
  const at = (name: string) => join(folder, name);
  await writeWeightsFile(at('paddle.pdparams'), arrays);
  const convert = (from: string, to: string, ...more: string[]) =>
    run(t, [at(from), '--config', at('c.yml'), '--out', at(to), ...more]);
  return { at, convert };
}

const rows = (text: string, kind: string) => text.split('\n').filter((line) => line.startsWith(kind));

t.test('weights go to both codes of PyTorch and come back to the last bit, each name reported', async (t) => {
  const { at, convert } = await makeFolder(t);
  const there = await convert('paddle.pdparams', 'mmseg.safetensors', '--to', 'mmseg');
  t.equal(rows(there, 'kept').length + rows(there, 'mapped').length, weights.size);
  t.equal(rows(there, 'dropped').length, 0);
  t.match(there, 'mapped   backbone.block1.0.layer_scale_1 [16, 1, 1] → backbone.block1.0.layer_scale_1 [16]\n');
  const last = there.trimEnd().split('\n').at(-1);
  t.equal(
    last,
    `${at('mmseg.safetensors')}: ${weights.size} tensors of a network, from the names of PaddleSeg to those of mmsegmentation 1.2.2: ${rows(there, 'kept').length} kept, ${rows(there, 'mapped').length} mapped, 0 dropped`,
  );
  const across = await convert('mmseg.safetensors', 'authors.npz', '--to', 'authors');
  t.match(across, /^mapped {3}\S+\.mlp\.dwconv\.weight \[.*\] → \S+\.mlp\.dwconv\.dwconv\.weight \[/m);
  await convert('authors.npz', 'back.pdparams');
  t.strictSame(await readWeightsFile(at('back.pdparams')), weights);
  t.ok(readFileSync(at('back.pdparams')).equals(readFileSync(at('paddle.pdparams'))));
});

t.test("counts of PyTorch's norms are dropped and said, a prefix is taken away", async (t) => {
  const { at, convert } = await makeFolder(t);
  await convert('paddle.pdparams', 'mmseg.npz', '--to', 'mmseg');
  const theirs = new Map<string, NdArray>(
    [...(await readWeightsFile(at('mmseg.npz')))].map(([name, array]) => [`module.${name}`, array]),
  );
  theirs.set('module.backbone.patch_embed2.norm.num_batches_tracked', {
    dtype: 'i8',
    shape: [],
    data: BigInt64Array.of(5n),
  });
  await writeWeightsFile(at('theirs.npz'), theirs);
  const text = await convert('theirs.npz', 'ours.npz');
  t.strictSame(rows(text, 'dropped'), [
    "dropped  module.backbone.patch_embed2.norm.num_batches_tracked []: a count of PyTorch's norms, which nothing reads",
  ]);
  t.match(
    text,
    `from the names of mmsegmentation 1.2.2 to those of PaddleSeg, "module." before each name taken away: `,
  );
  t.strictSame(await readWeightsFile(at('ours.npz')), weights);
});

t.test(
  "a backbone alone stays one, without backbone. before its names and without ImageNet's classifier",
  async (t) => {
    const alone = new Map(
      [...weights].flatMap(([name, array]) => (name.startsWith('backbone.') ? [[name.slice(9), array]] : [])),
    );
    const { at, convert } = await makeFolder(t, alone as Map<string, NdArray>);
    await convert('paddle.pdparams', 'authors.safetensors', '--to', 'authors');
    const theirs = await readWeightsFile(at('authors.safetensors'));
    theirs.set('head.weight', float32NdArray([1, 2], Float32Array.of(1, 2)));
    await writeWeightsFile(at('trained.safetensors'), theirs);
    const text = await convert('trained.safetensors', 'ours.pdparams');
    t.match(text, /^dropped {2}head\.weight \[1, 2\]: the classifier of ImageNet, /m);
    t.match(
      text,
      `${alone.size} tensors of a backbone, from the names of the authors' repository to those of PaddleSeg: `,
    );
    t.strictSame(await readWeightsFile(at('ours.pdparams')), alone);
  },
);

t.test('names that all begin with backbone. are those of a backbone alone', async (t) => {
  const within = new Map([...weights].filter(([name]) => name.startsWith('backbone.')));
  const { at, convert } = await makeFolder(t, within);
  const text = await convert('paddle.pdparams', 'alone.npz');
  t.match(
    text,
    `${within.size} tensors of a backbone, from the names of PaddleSeg to those of PaddleSeg, "backbone." before each name taken away: `,
  );
  const alone = new Map([...within].map(([name, array]) => [name.slice('backbone.'.length), array]));
  t.strictSame(await readWeightsFile(at('alone.npz')), alone);
  within.delete('backbone.norm1.weight');
  await writeWeightsFile(at('bad.npz'), within);
  await t.rejects(convert('bad.npz', 'out.npz'), {
    name: 'UserError',
    message: /: read as a backbone with the names of PaddleSeg, it lacks backbone\.norm1\.weight; \[16\] is wanted/,
  });
});

t.test('a .pth of PyTorch is read', async (t) => {
  const { at, convert } = await makeFolder(t);
  const tensors = Object.fromEntries(
    [...weights].map(([name, { shape }], at) => [name, denseTensor(String(at), shape)] as const),
  );
  const storages = Object.fromEntries([...weights.values()].map(({ data }, at) => [String(at), floats(...data)]));
  writeFileSync(at('w.pth'), zipPth(pickleStateDict(tensors), storages));
  await convert('w.pth', 'w.pdparams');
  t.strictSame(await readWeightsFile(at('w.pdparams')), weights);
});

t.test('what does not fit is one sentence, and nothing is written', async (t) => {
  const { at, convert } = await makeFolder(t);
  await convert('paddle.pdparams', 'mmseg.npz', '--to', 'mmseg');
  const theirs = await readWeightsFile(at('mmseg.npz'));
  const refuses = async (change: (arrays: Map<string, NdArray>) => void, message: string | RegExp) => {
    const changed = new Map(theirs);
    change(changed);
    await writeWeightsFile(at('bad.npz'), changed);
    await t.rejects(convert('bad.npz', 'out.npz'), { name: 'UserError', message });
  };
  const name = 'backbone.norm1.weight';
  const read = `Cannot convert ${at('bad.npz')}: read as a network with the names of mmsegmentation 1.2.2, `;
  const fix = '. Fix: the yml that they were trained with, or --opts';
  await refuses((arrays) => arrays.delete(name), `${read}it lacks ${name}; [16] is wanted${fix}`);
  await refuses(
    (arrays) => arrays.set(name, float32NdArray([2], Float32Array.of(1, 2))),
    `${read}${name} is [2]; [16] is wanted${fix}`,
  );
  await refuses(
    (arrays) => arrays.set(name, { dtype: 'i4', shape: [16], data: new Int32Array(16) }),
    `${read}${name} is i4; floats are wanted${fix}`,
  );
  await refuses(
    (arrays) => arrays.set('decode_head.more', float32NdArray([1], Float32Array.of(1))),
    `${read}it has decode_head.more; the network has nothing of that name${fix}`,
  );
  await refuses((arrays) => {
    arrays.clear();
    arrays.set('x', float32NdArray([1], Float32Array.of(1)));
  }, /its names, such as x, are of none of PaddleSeg, mmsegmentation 1\.2\.2, the authors' repository; weights of this/);
  t.notOk(existsSync(at('out.npz')));
});

t.test('a file that exists, another code and a network without a table are refused', async (t) => {
  const { at, convert } = await makeFolder(t);
  const before = readFileSync(at('c.yml'));
  await t.rejects(convert('paddle.pdparams', 'c.yml'), {
    name: 'UserError',
    message: `Cannot write weights ${at('c.yml')}: it is there already. Fix: another --out, or --force`,
  });
  t.strictSame(readFileSync(at('c.yml')), before);
  await convert('paddle.pdparams', 'paddle.pdparams', '--force', '--to', 'authors');
  await t.rejects(convert('paddle.pdparams', 'out.npz', '--to', 'author'), {
    name: 'UserError',
    message:
      'Cannot convert to author: no code has that name; one of paddle, mmseg, authors is wanted. Did you mean authors?',
  });
  await t.rejects(convert('paddle.pdparams', 'out.pth'), {
    name: 'UserError',
    message: /out\.pth: it has the ending \.pth; one of \.safetensors, \.npz, \.pdparams is wanted$/,
  });
  await t.rejects(run(t, [at('paddle.pdparams'), '--config', at('lpsnet.yml'), '--out', at('out.npz')]), {
    name: 'UserError',
    message: /^Cannot convert .*: LPSNet as .*lpsnet\.yml has it has no table of another code's names; a network that/,
  });
  t.notOk(existsSync(at('out.npz')));
});

t.test('what the yml leaves out or has otherwise is given by --opts', async (t) => {
  const { convert } = await makeFolder(t);
  await t.rejects(convert('paddle.pdparams', 'out.npz', '--opts', 'model.num_classes=7'), {
    name: 'UserError',
    message: /conv_seg\.weight is \[\d+, 32, 1, 1\]; \[7, 32, 1, 1\] is wanted/,
  });
});
