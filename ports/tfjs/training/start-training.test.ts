import t from 'tap';
import { isBuffer, seededParameter, uniform } from '../../../harness/golden/seeded.js';
import type { TrainingBatch } from '../../../harness/hosts/port-contract.js';
import { findTfjsAddon } from '../../../harness/support/engines.js';
import { EnvironmentError, UserError } from '../../../harness/support/errors.js';
import { elementCount, type Float32NdArray, float32NdArray } from '../../../harness/support/nd-array.js';
import { definition } from '../../../models/segnext/model.js';
import { loadTensorFlow } from '../load-tensorflow.js';
import { startTraining } from './start-training.js';

const section = {
  type: 'SegNeXt',
  backbone: { type: 'MSCAN', embed_dims: [8, 16, 16, 24], depths: [1, 2, 1, 1] },
  num_classes: 4,
  decoder_cfg: { channels: 16, ham_channels: 16, num_groups: 4, ham_kwargs: { MD_R: 4 } },
};
const request = {
  optimizer: { type: 'AdamW', custom_cfg: [{ name: 'head', lr_mult: 10 }] },
  lrScheduler: { type: 'PolynomialDecay', learning_rate: 0.001, end_lr: 0 },
  loss: { types: [{ type: 'CrossEntropyLoss' }], coef: [1] },
  iters: 300,
};

if (findTfjsAddon('cpu') === null) {
  t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
} else {
  const { tf } = loadTensorFlow({ device: 'cpu', threads: 1 });
  const seed = Math.floor(Math.random() * 2 ** 32);
  t.comment(`seed ${seed}`);
  t.setTimeout(300_000);
  const start = (optimizer: Readonly<Record<string, unknown>> = request.optimizer) =>
    startTraining(tf, section, drawWeights(seed), { ...request, optimizer }, null);
  const none = () => undefined;

  t.test('60 steps hold as many tensors after the last as after the second, and the loss falls', async (t) => {
    const before = tf.memory().numTensors;
    const session = await start();
    const losses: number[] = [];
    const counts: number[] = [];
    const batch = drawBatch(seed);
    for (let step = 0; step < 60; step++) {
      losses.push((await session.step(batch, none)).loss);
      counts.push(tf.memory().numTensors);
    }
    t.equal(counts.at(-1), counts[1]);
    t.ok(losses.at(-1)! < losses[0]! * 0.9, `${losses[0]} to ${losses.at(-1)}`);
    await session.dispose();
    t.equal(tf.memory().numTensors, before, 'dispose frees everything');
  });

  t.test('a gradient is given as asked for, and the parameter moves against it', async (t) => {
    const session = await start({ type: 'SGD' });
    const names = ['decode_head.conv_seg.bias'];
    const [gradients, after] = [new Map<string, Float32NdArray>(), new Map<string, Float32NdArray>()];
    await session.step({ ...drawBatch(seed), gradients: names }, (name, value) => void gradients.set(name, value));
    await session.read(names, (name, value) => void after.set(name, value));
    const weights = drawWeights(seed);
    for (const name of names) {
      const gradient = gradients.get(name)!.data;
      const expected = weights.get(name)!.data.map((value, at) => value - 0.001 * gradient[at]!);
      const worst = Math.max(...expected.map((value, at) => Math.abs(value - after.get(name)!.data[at]!)));
      t.ok(worst < 1e-7, `${worst}`);
    }
    await session.dispose();
  });

  t.test('parameters are read in the layouts they came in', async (t) => {
    const session = await start();
    const weights = drawWeights(seed);
    const read = new Map<string, Float32NdArray>();
    await session.read([...weights.keys()], (name, value) => void read.set(name, value));
    t.strictSame(read, weights);
    await session.dispose();
  });

  t.test('a missing draw and a class number out of range are refused, and cost no tensor', async (t) => {
    const session = await start();
    const before = tf.memory().numTensors;
    const batch = drawBatch(seed);
    const draws = new Map(batch.draws);
    draws.delete('decode_head.dropout');
    await t.rejects(
      session.step({ ...batch, draws }, none),
      new EnvironmentError('Cannot use the draws: decode_head.dropout is missing; [1, 2, 16] is wanted'),
    );
    batch.label.data[7] = 4n;
    await t.rejects(session.step(batch, none), UserError);
    t.equal(tf.memory().numTensors, before);
    await session.dispose();
  });

  t.test('a section that cannot be followed is refused before anything is made', async (t) => {
    const before = tf.memory().numTensors;
    await t.rejects(start({ type: 'Lion' }), {
      message: 'Cannot read the optimizer section: type is Lion; one of AdamW, Adam, Momentum, SGD is wanted',
    });
    t.equal(tf.memory().numTensors, before);
  });
}

function drawWeights(seed: number): ReadonlyMap<string, Float32NdArray> {
  const shapes = definition.parameters(definition.parse(section));
  return new Map([...shapes].map(([name, shape]) => [name, float32NdArray(shape, drawWeight(seed, name, shape))]));
}

function drawWeight(seed: number, name: string, shape: readonly number[]): Float32Array {
  if (isBuffer(name)) return new Float32Array(elementCount(shape)).fill(name.endsWith('_variance') ? 1 : 0);
  return seededParameter(seed, name, shape)!;
}

/** The labels follow the image's own channels, so that there is something to learn. */
function drawBatch(seed: number): TrainingBatch {
  const shape = [2, 3, 32, 40] as const;
  const image = Float32Array.from(uniform(seed, 'image', elementCount(shape)), (u) => 2 * u - 1);
  const label = BigInt64Array.from({ length: 2 * 32 * 40 }, (_, at) =>
    at % 17 === 0 ? 255n : BigInt(Math.floor((at % 40) / 10)),
  );
  const draws = definition.draws(definition.parse(section), shape, 'train');
  return {
    image: float32NdArray(shape, image),
    label: { dtype: 'i8', shape: [2, 32, 40], data: label },
    draws: new Map([...draws].map(([name, extents]) => [name, drawOne(seed, name, extents)])),
    gradients: [],
  };
}

function drawOne(seed: number, name: string, shape: readonly number[]): Float32NdArray {
  const numbers = uniform(seed, name, elementCount(shape));
  return float32NdArray(
    shape,
    Float32Array.from(numbers, (u) => (name.endsWith('.bases') ? u : Number(u < 0.9))),
  );
}
