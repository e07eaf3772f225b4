import t from 'tap';
import { float32NdArray } from '../../harness/contract/nd-array.js';
import type { LoadedModel, ModelSection } from '../../harness/contract/port.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';
import { loadWasm } from '../tfjs-wasm/load-wasm.js';
import { loadModel } from './load-model.js';
import { seededModel } from './seeded-model-for-tests.js';

const { tf } = await loadWasm({ device: 'cpu' });

const section = (backbone: object = {}, decoder: object = {}) => ({
  type: 'SegNeXt',
  num_classes: 3,
  backbone: { type: 'MSCAN', embed_dims: [8, 12, 16, 20], depths: [1, 2, 1, 1], mlp_ratios: [4, 3, 2, 2], ...backbone },
  decoder_cfg: { channels: 16, ham_channels: 24, num_groups: 4, ham_kwargs: { MD_R: 5 }, ...decoder },
});

const classifier = { type: 'VAN_B0', class_num: 5 };

const concepts = { HAM_TYPE: 'CD', INV_T: 5, MD_R: 6 };

const cases: [says: string, section: ModelSection, image: number[]][] = [
  ['an even size', section(), [1, 3, 64, 96]],
  ['an odd size and two images', section(), [2, 3, 45, 71]],
  ['a size below the stride', section(), [1, 3, 5, 9]],
  ['corners aligned', section({}, { align_corners: true }), [1, 3, 50, 34]],
  ['two splits and fixed bases', section({}, { ham_kwargs: { MD_S: 2, MD_R: 5, RAND_INIT: false } }), [2, 3, 40, 40]],
  ['not spatial', section({}, { ham_kwargs: { SPATIAL: false, MD_R: 5 } }), [1, 3, 40, 56]],
  ['vector quantisation', section({}, { ham_kwargs: { HAM_TYPE: 'VQ', INV_T: 5, MD_S: 2 } }), [2, 3, 40, 56]],
  ['concepts', section({}, { ham_kwargs: { ...concepts, SPATIAL: false } }), [1, 3, 40, 56]],
  ['one strip, four input channels', section({ in_channels: 4, atten_kernel_sizes: [5] }), [1, 4, 40, 40]],
  ['kernels with gaps', { ...section(), backbone: { type: 'VAN_B0' } }, [1, 3, 97, 61]],
  ['a classifier, of two images', classifier, [2, 3, 40, 56]],
];

t.test('what users run gives what the layers one by one give, however few rows are computed at a time', async (t) => {
  for (const [says, given, image] of cases) {
    const { weights, request } = await seededModel(given, image);
    const outputs: Float32Array[] = [];
    for (const [bytesAtATime, probes] of [
      [null, ['logits', 'backbone']],
      [null, ['logits']],
      [1, ['logits']],
      [4000, ['logits']],
    ] as const) {
      const model = await loadModel(tf, given, weights, { bytesAtATime, findModel });
      outputs.push((await infer(model, request(probes))).get('logits')!);
      await model.dispose();
    }
    const [layers, ...shipped] = outputs;
    for (const logits of shipped)
      t.ok(relativeError(logits, layers!) < 3e-6, `${says}: ${relativeError(logits, layers!)}`);
  }
});

t.test('no tensor is left behind, run after run', async (t) => {
  for (const given of [section(), section({}, { ham_kwargs: concepts }), classifier]) {
    const { weights, request } = await seededModel(given, [1, 3, 40, 40]);
    const before = tf.memory().numTensors;
    const model = await loadModel(tf, given, weights, { bytesAtATime: 4000, findModel });
    for (const probes of [['logits'], [], ['logits', 'backbone.norm1']]) {
      await infer(model, request(probes));
      const once = tf.memory().numTensors;
      for (let run = 0; run < 3; run++) await infer(model, request(probes));
      t.equal(tf.memory().numTensors, once, `probes ${probes.join(', ')}`);
    }
    await model.dispose();
    t.equal(tf.memory().numTensors, before, 'nor after dispose');
  }
});

t.test('what lies between two convolutions is freed at once', async (t) => {
  const { weights, request } = await seededModel(section(), [1, 3, 128, 128]);
  const model = await loadModel(tf, section(), weights, { bytesAtATime: 4000, findModel });
  const peak = async (probes: string[]): Promise<number> => {
    await infer(model, request(probes));
    const { peakBytes } = await tf.profile(async () => {
      await infer(model, request(probes));
      return tf.scalar(0);
    });
    return peakBytes;
  };
  const [layers, shipped] = [await peak(['logits', 'backbone']), await peak(['logits'])];
  t.ok(shipped < layers / 2, `${shipped} bytes at most, ${layers} layer by layer`);
  await model.dispose();
});

t.test('logits are written to the same array in each forward', async (t) => {
  const { weights, request } = await seededModel(section(), [1, 3, 40, 40]);
  const model = await loadModel(tf, section(), weights, { bytesAtATime: null, findModel });
  const arrays: Float32Array[] = [];
  for (let run = 0; run < 2; run++) await model.infer(request(['logits']), (_, { data }) => void arrays.push(data));
  t.equal(arrays[0], arrays[1]);
  await model.dispose();
});

t.test('a forward that fails leaves no tensor behind', async (t) => {
  const { weights, request } = await seededModel(section(), [1, 3, 40, 40]);
  const model = await loadModel(tf, section(), weights, { bytesAtATime: null, findModel });
  for (const probes of [['logits'], ['logits', 'backbone.norm1']]) {
    await infer(model, request(probes));
    const before = tf.memory().numTensors;
    const last = () => {
      throw new Error('the sink is full');
    };
    await t.rejects(model.infer(request(probes), last), { message: 'the sink is full' });
    t.equal(tf.memory().numTensors, before, probes.join(', '));
  }
  await model.dispose();
});

t.test('a replaced probe is what the next layer reads', async (t) => {
  const { weights, request } = await seededModel(section(), [1, 3, 40, 40]);
  const model = await loadModel(tf, section(), weights, { bytesAtATime: null, findModel });
  const zeros = float32NdArray([1, 8, 10, 10], new Float32Array(800));
  const replaced = 'backbone.block1.0.attn.spatial_gating_unit.conv0';
  const next = 'backbone.block1.0.attn.spatial_gating_unit.dwconvs.0.conv1_1';
  const probes = [replaced, next];
  const found = await infer(model, { ...request(probes), replacements: new Map([[replaced, zeros]]) });
  t.ok(
    found.get(replaced)!.some((x) => x !== 0),
    'its own value is recorded before it is replaced',
  );
  const bias = weights.get(`${next}.bias`)!.data;
  t.same(
    [...found.get(next)!],
    [...bias].flatMap((b) => new Array(100).fill(b)),
    'of zeros, the bias is left',
  );
  await t.rejects(
    infer(model, { ...request(probes), replacements: new Map([[replaced, float32NdArray([1, 8, 2, 2], zeros.data)]]) }),
    new EnvironmentError(`Cannot replace ${replaced}: its replacement is [1, 8, 2, 2]; [1, 8, 10, 10] is wanted`),
  );
  await model.dispose();
});

t.test('weights, draws and images that do not fit are named', async (t) => {
  const { weights, request } = await seededModel(section(), [1, 3, 40, 40]);
  const options = { bytesAtATime: null, findModel };
  const lacking = new Map([...weights].filter(([name]) => name !== 'backbone.norm2.bias'));
  await t.rejects(
    loadModel(tf, section(), lacking, options),
    new EnvironmentError('Cannot load the weights: backbone.norm2.bias is missing; [12] is wanted'),
  );
  const model = await loadModel(tf, section(), weights, options);
  await t.rejects(
    infer(model, { ...request(['logits']), draws: new Map() }),
    new EnvironmentError('Cannot use the draws: decode_head.hamburger.ham.bases is missing; [1, 24, 5] is wanted'),
  );
  const oneChannel = float32NdArray([1, 1, 40, 40], new Float32Array(1600));
  await t.rejects(infer(model, { ...request(['logits']), inputs: new Map([['image', oneChannel]]) }), UserError);
  await model.dispose();
});

async function infer(model: LoadedModel, request: Parameters<LoadedModel['infer']>[0]) {
  const found = new Map<string, Float32Array>();
  await model.infer(request, (name, { data }) => found.set(name, data.slice()));
  return found;
}

/** rms(actual − expected) / rms(expected) */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  let errors = 0;
  let squares = 0;
  for (let i = 0; i < expected.length; i++) {
    errors += (actual[i]! - expected[i]!) ** 2;
    squares += expected[i]! ** 2;
  }
  return actual.length === expected.length ? Math.sqrt(errors / squares) : Number.NaN;
}
