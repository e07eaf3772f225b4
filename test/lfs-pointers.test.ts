import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readBundle } from '../harness/golden/read-bundle.js';
import { writeTestBundle } from '../harness/golden/test-bundle.js';
import { readWeightsFile } from '../harness/golden/weights-file.js';
import { compareArrays } from '../harness/run/compare-arrays.js';
import { editModel } from '../onnx/edit-for-tests.js';
import { encodeModel } from '../onnx/model-proto.js';
import { readOnnxModel } from '../onnx/read-model.js';
import { openDataSet } from '../pipeline/data/data-set.js';
import { readImage, readImageSize } from '../pipeline/image/read-image.js';
import { readLabel, readLabelSize } from '../pipeline/image/read-label.js';
import { listImages } from '../pipeline/predict/list-images.js';
import { plainSection } from '../pipeline/yml/section.js';

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 17100000\n`;
const folder = t.testdir();
const write = (name: string, content: string | Uint8Array = pointer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const names = ['w.pdparams', 'w.npz', 'w.safetensors', 'a.npy', 'b.npz', 'm.onnx', 'p.png', 'l.png', 'l.list'] as const;
const paths = new Map(names.map((name) => [name, write(name)]));
const at = (name: (typeof names)[number]) => paths.get(name)!;

const external = {
  name: 'w',
  dims: [1n],
  dataType: 1,
  dataLocation: 1,
  externalData: [{ key: 'location', value: 'm.data' }],
};
const node = { opType: 'Relu', input: ['w'], output: ['y'] };
write('m.data');
write(
  'e.onnx',
  editModel(encodeModel({ graph: { node: [node], initializer: [external] } }), () => undefined),
);

const dataSet = {
  type: 'Dataset',
  dataset_root: folder,
  train_path: at('l.list'),
  num_classes: 2,
  mode: 'train',
  transforms: [],
};
const readers: Readonly<Record<string, () => Promise<unknown>>> = {
  '.pdparams': () => readWeightsFile(at('w.pdparams')),
  '.npz': () => readWeightsFile(at('w.npz')),
  '.safetensors': () => readWeightsFile(at('w.safetensors')),
  '.npy': () => compareArrays(at('a.npy'), at('a.npy'), 0, 0),
  'an .npz to compare': () => compareArrays(at('b.npz'), at('b.npz'), 0, 0),
  '.onnx': () => readOnnxModel(at('m.onnx')),
  'the data beside an .onnx': () => readOnnxModel(join(folder, 'e.onnx')),
  'a picture': () => readImage(at('p.png')),
  "a picture's header": () => readImageSize(at('p.png')),
  'a label': () => readLabel(at('l.png')),
  "a label's header": () => readLabelSize(at('l.png')),
  'a list of a data set': () => openDataSet(plainSection(dataSet, 'the test')),
};

for (const [kind, read] of Object.entries(readers)) {
  t.test(`a Git LFS pointer in place of ${kind} is called one, with the way to the file`, async (t) => {
    await t.rejects(read(), {
      name: 'UserError',
      message: /^Cannot read .*: it is a Git LFS pointer, not the file; the file itself is wanted\. Fix: git lfs pull$/,
    });
  });
}

t.test('a Git LFS pointer in place of a list of pictures is not a list', async (t) => {
  await t.rejects(listImages(at('l.list')), {
    message: /it is a Git LFS pointer, not the file \(git lfs pull brings it\)/,
  });
});

t.test('a Git LFS pointer in a bundle is called one, and not a file of another hash', async (t) => {
  mkdirSync(join(folder, 'bundles'));
  const bundle = await writeTestBundle(join(folder, 'bundles', 'tiny'));
  writeFileSync(join(bundle, 'probes.npz'), pointer);
  await t.rejects(readBundle(bundle), {
    message: /probes\.npz: it is a Git LFS pointer, not the file;.* git lfs pull$/,
  });
  writeFileSync(join(bundle, 'case.json'), pointer);
  await t.rejects(readBundle(bundle), {
    message: /case\.json: it is a Git LFS pointer, not the file \(git lfs pull brings/,
  });
});
