import t from 'tap';
import { type Float32NdArray, float32NdArray } from '../../../harness/contract/nd-array.js';
import type { TrainingSession, TrainRequest } from '../../../harness/contract/port.js';
import { isBuffer } from '../../../harness/golden/seeded.js';
import { EnvironmentError, UserError } from '../../../harness/support/errors.js';
import { findModel } from '../../../models/registry.js';
import { drawBatch, drawWeights, smallRequest, smallSection } from '../../../training/small-training-for-tests.js';
import { findTfjsAddon } from '../addon.js';
import { loadTensorFlow } from '../load-tensorflow.js';
import { startTraining } from './start-training.js';

if (findTfjsAddon('cpu') === null) {
  t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
} else {
  const { tf } = await loadTensorFlow({ device: 'cpu', threads: 1 });
  const seed = Math.floor(Math.random() * 2 ** 32);
  t.comment(`seed ${seed}`);
  t.setTimeout(300_000);
  const start = (optimizer: TrainRequest['optimizer'] = smallRequest.optimizer) =>
    startTraining(tf, smallSection, drawWeights(seed), { ...smallRequest, optimizer }, { findModel });
  const none = () => undefined;

  t.test('20 steps hold as many tensors after the last as after the second, and the loss falls', async (t) => {
    const before = tf.memory().numTensors;
    const session = await start();
    const losses: number[] = [];
    const counts: number[] = [];
    const batch = drawBatch(seed);
    for (let step = 0; step < 20; step++) {
      losses.push((await session.step(batch, none)).loss);
      counts.push(tf.memory().numTensors);
    }
    t.equal(counts.at(-1), counts[1]);
    t.ok(losses.at(-1)! < losses[0]! * 0.95, `${losses[0]} to ${losses.at(-1)}`);
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

  t.test('training that was stopped goes on to the same losses, weights and slots, bit for bit', async (t) => {
    const optimizers = [
      smallRequest.optimizer,
      { type: 'SGD', momentum: 0.9, grad_clip_cfg: clipping },
      { type: 'SGD' },
    ];
    for (const optimizer of optimizers) {
      const request = { ...smallRequest, optimizer };
      const whole = await startTraining(tf, smallSection, drawWeights(seed), request, { findModel });
      for (let step = 0; step < 3; step++) await whole.step(drawBatch(seed + step), none);
      const { weights, slots } = await readSession(whole);
      const resumed = await startTraining(
        tf,
        smallSection,
        weights,
        { ...request, resume: { steps: 3, slots } },
        { findModel },
      );
      t.strictSame((await readSession(resumed)).slots, slots, 'slots are there before the first step');
      for (let step = 3; step < 6; step++) {
        t.strictSame(await resumed.step(drawBatch(seed + step), none), await whole.step(drawBatch(seed + step), none));
      }
      t.strictSame(await readSession(resumed), await readSession(whole));
      await whole.dispose();
      await resumed.dispose();
    }
  });

  t.test("an optimizer's state that does not fit is refused, and costs no tensor", async (t) => {
    const session = await start();
    const { weights, slots } = await readSession(session);
    await session.dispose();
    t.equal(slots.size, 2 * [...weights.keys()].filter((name) => !isBuffer(name)).length);
    const before = tf.memory().numTensors;
    const first = 'backbone.patch_embed1.proj.0.weight/moment1';
    const one = float32NdArray([1], new Float32Array(1));
    for (const [steps, changed, says] of [
      [3, new Map([...slots].filter(([name]) => name !== first)), `it lacks ${first}`],
      [3, new Map([...slots, [first, one]]), `${first} is [1]; [4, 3, 3, 3] is wanted`],
      [
        3,
        new Map([...slots, ['x/moment1', one]]),
        'it has x/moment1, which this optimizer does not keep for this model',
      ],
      [-1, slots, 'its steps are -1; a count is wanted'],
    ] as const) {
      const request = { ...smallRequest, resume: { steps, slots: changed } };
      await t.rejects(
        startTraining(tf, smallSection, weights, request, { findModel }),
        new UserError(`Cannot resume training from the optimizer's state: ${says}`),
      );
    }
    t.equal(tf.memory().numTensors, before);
  });

  t.test('an image with Inf updates nothing, and the first layer is named', async (t) => {
    const session = await start();
    await session.step(drawBatch(seed), none);
    const before = await readSession(session);
    const tensors = tf.memory().numTensors;
    const broken = drawBatch(seed);
    broken.inputs.get('image')!.data[100] = Number.POSITIVE_INFINITY;
    const { learningRate, loss, nonFinite } = await session.step(broken, none);
    t.notOk(Number.isFinite(loss));
    t.strictSame(nonFinite, { what: 'loss', layer: 'backbone.patch_embed1.proj.0' });
    t.equal(tf.memory().numTensors, tensors);
    t.strictSame(await readSession(session), before);
    t.equal((await session.step(drawBatch(seed), none)).learningRate, learningRate, 'the step number stayed');
    await session.dispose();
  });

  t.test('a NaN among the weights is named by its layer', async (t) => {
    const weights = drawWeights(seed);
    weights.get('backbone.block2.1.mlp.fc2.weight')!.data[3] = Number.NaN;
    const session = await startTraining(tf, smallSection, weights, smallRequest, { findModel });
    const { nonFinite } = await session.step(drawBatch(seed), none);
    t.strictSame(nonFinite, { what: 'loss', layer: 'backbone.block2.1.mlp.fc2' });
    await session.dispose();
  });

  t.test('a learning rate that explodes stops the step after it, with a layer', async (t) => {
    const lrScheduler = { ...smallRequest.lrScheduler, learning_rate: 1e30 };
    const session = await startTraining(
      tf,
      smallSection,
      drawWeights(seed),
      { ...smallRequest, lrScheduler },
      { findModel },
    );
    t.equal((await session.step(drawBatch(seed), none)).nonFinite, undefined);
    const { nonFinite } = await session.step(drawBatch(seed), none);
    t.match(nonFinite, { what: /^(loss|gradient)$/, layer: /^(backbone|decode_head)\./ });
    await session.dispose();
  });

  t.test('a gradient that overflows behind a finite loss is named, the first on the way back', async (t) => {
    // Its own output is finite, and normalised at once: the loss is as ever.
    const weights = drawWeights(seed);
    const tiny = weights.get('decode_head.align._conv.weight')!.data;
    for (let at = 0; at < tiny.length; at++) tiny[at]! *= 1e-42;
    const lossSection = { types: [{ type: 'CrossEntropyLoss' }], coef: [1e38] };
    const request = { ...smallRequest, loss: lossSection };
    const session = await startTraining(tf, smallSection, weights, request, { findModel });
    const { loss, nonFinite } = await session.step(drawBatch(seed), none);
    t.ok(Number.isFinite(loss), String(loss));
    t.strictSame(nonFinite, { what: 'gradient', layer: 'decode_head.align._conv.weight' });
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

const clipping = { name: 'ClipGradByNorm', clip_norm: 0.1 };

async function readSession(session: TrainingSession) {
  const weights = new Map<string, Float32NdArray>();
  const slots = new Map<string, Float32NdArray>();
  await session.read([...drawWeights(0).keys()], (name, value) => void weights.set(name, value));
  await session.readSlots!((name, value) => void slots.set(name, value));
  return { weights, slots };
}
