import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { NdArray } from '../../../harness/contract/nd-array.js';
import { parseNpy, renderNpy } from '../../../harness/golden/npy.js';
import { parseNpz, renderNpz } from '../../../harness/golden/npz.js';
import { parsePdparams } from '../../../harness/golden/pdparams.js';
import { parsePickle } from '../../../harness/golden/pickle.js';
import { parsePth } from '../../../harness/golden/pth.js';
import { denseTensor, legacyPth, pickleStateDict, zipPth } from '../../../harness/golden/pth-for-tests.js';
import { renderPdparams } from '../../../harness/golden/render-pdparams.js';
import { parseSafetensors, renderSafetensors } from '../../../harness/golden/safetensors.js';
import { findImageInput } from '../../../onnx/image-input.js';
import { encodeModel, type ModelProto } from '../../../onnx/model-proto.js';
import { readOnnxModel } from '../../../onnx/read-model.js';
import { listTensors } from '../../../onnx/tensors.js';
import { readTrainingState, renderCheckpoint } from '../../../pipeline/checkpoints/training-state.js';
import { readZippedWeights } from '../../../pipeline/fetch/unpack-weights.js';
import type { FuzzTarget } from '../fuzz-target.js';

const small: NdArray = { dtype: 'f4', shape: [2, 3], data: Float32Array.of(0, 1, -2, 3.5, Number.NaN, 1e30) };
const arrays: readonly NdArray[] = [
  small,
  { dtype: 'f8', shape: [2], data: Float64Array.of(1, 2) },
  { dtype: 'i8', shape: [1, 2], data: BigInt64Array.of(1n, -1n) },
  { dtype: 'u1', shape: [], data: Uint8Array.of(7) },
];
const named = new Map<string, NdArray>([
  ['backbone.weight', small],
  ['head.bias', { dtype: 'f4', shape: [3], data: Float32Array.of(1, 2, 3) }],
]);
const foreign = [
  foreignNpy('<f4', true, 24),
  foreignNpy('>f4', false, 24),
  foreignNpy('<f2', false, 12),
  foreignNpy('>i2', true, 12),
  foreignNpy('<i4', false, 24),
  foreignNpy('>u4', true, 24),
];
const stateDict = pickleStateDict({
  'backbone.weight': denseTensor('0', [2, 3]),
  'head.bias': denseTensor('0', [3], { elements: 6, offset: 3 }),
  count: denseTensor('1', [], { type: 'LongStorage' }),
});
const storages = { 0: new Uint8Array(24).fill(1), 1: new Uint8Array(8) };
const weightsFile = 'model.pdparams';
const zipped = { [weightsFile]: renderPdparams(named) };
const slots = new Map([['head.bias/moment1', { dtype: 'f4' as const, shape: [3], data: new Float32Array(3) }]]);
const checkpoint = () =>
  renderCheckpoint({
    weights: new Map(),
    optimizer: { steps: 4, slots },
    learningRate: 0.1,
    loop: {
      ...{ seed: 1, port: 'ort', pretrained: 'none', bestMiou: 0.1, bestIteration: 2, worseEvaluations: 0 },
      ...{ lossSum: 1, lossCount: 1, mIoU: 0.1, Acc: 0.2 },
    },
  });

export const arrayTargets: readonly FuzzTarget[] = [
  {
    ...{ name: 'npy', file: 'x.npy', isText: false },
    samples: async () => arrays.map(renderNpy),
    read: (path, bytes) => parseNpy(bytes, path),
  },
  {
    ...{ name: 'npz', file: 'x.npz', isText: false },
    samples: async () => [renderNpz(named), renderNpz(named, { compress: false })],
    read(path, bytes) {
      const npz = parseNpz(bytes, path);
      for (const key of npz.keys) npz.read(key);
    },
  },
  {
    // As users and their programs write it.
    ...{ name: 'npy of others', file: 'x.npy', isText: false },
    samples: async () => foreign,
    read: (path, bytes) => parseNpy(bytes, path, 'any'),
  },
  {
    ...{ name: 'npz of others', file: 'x.npz', isText: false },
    samples: async () => [zipSync(Object.fromEntries(foreign.map((bytes, at) => [`${at}.npy`, bytes])))],
    read(path, bytes) {
      const npz = parseNpz(bytes, path, 'any');
      for (const key of npz.keys) npz.read(key);
    },
  },
  {
    ...{ name: 'zipped weights', file: 'w.zip', isText: false },
    samples: async () => [zipSync(zipped), zipSync(zipped, { level: 0 })],
    repair: zipAgain,
    read: readZippedWeights,
  },
  {
    ...{ name: 'pickle', file: 'x.pkl', isText: false },
    samples: async () => [renderPdparams(named), ...checkpoint().values()],
    read: (path, bytes) => parsePickle(bytes, path),
  },
  {
    ...{ name: 'pdparams', file: 'x.pdparams', isText: false },
    samples: async () => [renderPdparams(named)],
    read: (path, bytes) => parsePdparams(bytes, path),
  },
  {
    ...{ name: 'pth', file: 'x.pth', isText: false },
    samples: async () => [zipPth(stateDict, storages), legacyPth(stateDict, storages)],
    read: (path, bytes) => parsePth(bytes, path),
  },
  {
    ...{ name: 'pickle of a pth', file: 'x.pth', isText: false },
    samples: async () => [zipPth(stateDict, storages)],
    repair: zipPickleAgain,
    read: (path, bytes) => parsePth(bytes, path),
  },
  {
    ...{ name: 'safetensors', file: 'x.safetensors', isText: true },
    samples: async () => [renderSafetensors(named)],
    read: (path, bytes) => parseSafetensors(bytes, path),
  },
  {
    ...{ name: 'checkpoint', file: 'model.pdstates', isText: false },
    samples: async () => [checkpoint().get('model.pdstates')!],
    async begin(folder) {
      await writeFile(join(folder, 'model.pdopt'), checkpoint().get('model.pdopt')!);
    },
    read: (path) => readTrainingState(join(path, '..')),
  },
  {
    ...{ name: 'onnx', file: 'model.onnx', isText: false },
    samples: async () => [encodeModel(tinyModel)],
    async read(path) {
      const { graph } = await readOnnxModel(path);
      listTensors(graph);
      findImageInput(graph, path);
    },
  },
];

/** What lies between the headers of a zip's one file, changed as it is, in a zip whose checksum and sizes fit. */
function zipAgain(bytes: Uint8Array): Uint8Array {
  const directory = Buffer.from(bytes).lastIndexOf('PK\x01\x02', undefined, 'latin1');
  const header = 30 + weightsFile.length;
  return zipSync({ [weightsFile]: bytes.slice(header, directory < header ? undefined : directory) });
}

/** The same of the pickle of a .pth, which is the first file of its zip. */
function zipPickleAgain(bytes: Uint8Array): Uint8Array {
  const header = 30 + 'w/data.pkl'.length;
  const next = Buffer.from(bytes).indexOf('PK\x03\x04', header, 'latin1');
  return zipPth(bytes.slice(header, next < 0 ? undefined : next), storages);
}

/** An array [2, 3] of a kind that bundles have not. */
function foreignNpy(descr: string, fortran: boolean, byteLength: number): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (2, 3), }`;
  const header = `${text.padEnd(117)}\n`;
  const data = Buffer.from(Uint8Array.from({ length: byteLength }, (_, at) => at));
  return Buffer.concat([
    Buffer.from(`\x93NUMPY\x01\0${String.fromCharCode(header.length)}\0${header}`, 'latin1'),
    data,
  ]);
}

/** image → Relu → logits, with a weight that nothing reads. */
const tinyModel: ModelProto = {
  irVersion: 8n,
  opsetImport: [{ domain: '', version: 17n }],
  graph: {
    name: 'tiny',
    node: [{ opType: 'Relu', input: ['image'], output: ['logits'], name: 'relu' }],
    initializer: [{ name: 'w', dims: [2n], dataType: 1, rawData: new Uint8Array(8) }],
    input: [tensor('image')],
    output: [tensor('logits')],
  },
};

function tensor(name: string) {
  const dim = [{ dimParam: 'N' }, { dimValue: 3n }, { dimParam: 'H' }, { dimParam: 'W' }];
  return { name, type: { tensorType: { elemType: 1, shape: { dim } } } };
}
