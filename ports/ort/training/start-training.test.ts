import t from 'tap';
import { elementCount, type Float32NdArray, float32NdArray } from '../../../harness/contract/nd-array.js';
import type { TrainingBatch, TrainingSession, TrainRequest } from '../../../harness/contract/port.js';
import { isBuffer, uniform } from '../../../harness/golden/seeded.js';
import { findEngine } from '../../../harness/setup/engines.js';
import { EnvironmentError, UserError } from '../../../harness/support/errors.js';
import { findModel } from '../../../models/registry.js';
import { seededModel } from '../../tfjs-shared/seeded-model-for-tests.js';
import { onnxruntimeNode } from '../engine.js';
import { newTape } from '../gradients/tape.js';
import { openRuntime } from '../session.js';
import { relativeRms, smallSection } from '../small-model-for-tests.js';
import { measureBlockedLayout } from './measure-blocked-layout.js';
import { startTraining } from './start-training.js';

const asked: TrainRequest = {
  optimizer: { type: 'AdamW', weight_decay: 0.01 },
  lrScheduler: { type: 'PolynomialDecay', learning_rate: 1e-3, end_lr: 0, power: 1 },
  loss: { types: [{ type: 'CrossEntropyLoss' }], coef: [1] },
  iters: 1000,
};

t.setTimeout(300_000);

if (findEngine(onnxruntimeNode) === null) {
  t.comment('not run: onnxruntime-node is not prepared; npx tipcheck prepare --port ort');
} else {
  await testTraining();
}

async function testTraining(): Promise<void> {
  const runtime = await openRuntime({ device: 'cpu', threads: 2 });
  const definition = await findModel(smallSection);
  const config = definition.parse(smallSection);
  const { weights } = await seededModel(smallSection, [1, 3, 32, 32]);
  const parameters = [...weights.keys()].filter((name) => !isBuffer(name));
  const start = (request: Partial<TrainRequest> = {}, blocked: boolean | null = null, from = weights) =>
    startTraining(runtime, { definition, config, weights: from, newTape, blocked }, { ...asked, ...request });
  const batchOf = (imageShape: readonly number[], gradients: readonly string[] = []): TrainingBatch => {
    const draws = [...definition.draws(config, imageShape, 'train')].map(([name, shape]) => {
      const drawn = uniform(3, name, elementCount(shape));
      const data = name.endsWith('bases')
        ? Float32Array.from(drawn)
        : Float32Array.from(drawn, (u) => (u < 0.9 ? 1 : 0));
      return [name, float32NdArray(shape, data)] as const;
    });
    const [b, , h, w] = imageShape as [number, number, number, number];
    const classes = uniform(4, 'label', b * h * w);
    const pixels = Float32Array.from(uniform(5, 'image', elementCount(imageShape)), (u) => 4 * u - 2);
    return {
      inputs: new Map([['image', float32NdArray(imageShape, pixels)]]),
      label: { dtype: 'i8', shape: [b, h, w], data: BigInt64Array.from(classes, (u) => BigInt(Math.floor(5 * u))) },
      draws: new Map(draws),
      gradients,
    };
  };
  const small = [2, 3, 40, 56];
  const train = async (session: TrainingSession, steps: number): Promise<readonly number[]> => {
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) losses.push((await session.step(batchOf(small), ignore)).loss);
    return losses;
  };

  t.test('a batch that is seen again and again is learnt', async (t) => {
    const session = await start();
    const losses = await train(session, 12);
    t.ok(losses.at(-1)! < 0.9 * losses[0]!, losses.join(', '));
    await session.dispose();
  });

  t.test('images of another size go on from the same parameters', async (t) => {
    const session = await start();
    await session.step(batchOf(small), ignore);
    const before = await readAll(session, parameters);
    await session.step(batchOf([1, 3, 33, 47]), ignore);
    const after = await readAll(session, parameters);
    t.ok(relativeRms(after, before) > 0);
    t.ok(relativeRms(after, before) < 0.1);
    await session.dispose();
  });

  t.test('training that was stopped goes on to the same losses and weights, bit for bit', async (t) => {
    const all = [...weights.keys()];
    const whole = await start();
    await train(whole, 2);
    const stopped = new Map(weights);
    const slots = new Map<string, Float32NdArray>();
    const copy = ({ shape, data }: Float32NdArray) => float32NdArray(shape, data.slice());
    await whole.read(all, (name, value) => void stopped.set(name, copy(value)));
    await whole.readSlots!((name, value) => void slots.set(name, copy(value)));
    t.equal(slots.size, 2 * parameters.length);
    t.ok(slots.has(`${parameters[0]}/moment1`));
    const resumed = await start({ resume: { steps: 2, slots } }, null, stopped);
    t.same(await train(resumed, 3), await train(whole, 3));
    t.same(await readAll(resumed, all), await readAll(whole, all));
    await whole.dispose();
    await resumed.dispose();
  });

  t.test("an optimizer's state that does not fit is refused", async (t) => {
    const slots = new Map<string, Float32NdArray>();
    const session = await start();
    await session.readSlots!((name, value) => void slots.set(name, value));
    const first = `${parameters[0]}/moment1`;
    for (const [changed, says] of [
      [new Map([...slots].filter(([name]) => name !== first)), `it lacks ${first}`],
      [new Map([...slots, [first, float32NdArray([1], new Float32Array(1))]]), `${first} is [1]; [`],
      [
        new Map([...slots, ['x/moment1', float32NdArray([1], new Float32Array(1))]]),
        'it has x/moment1, which this optimizer does not keep for this model',
      ],
    ] as const) {
      const refused = await start({ resume: { steps: 1, slots: changed } }).catch((error: unknown) => error);
      t.ok(refused instanceof UserError && refused.message.includes(says), says);
    }
    await session.dispose();
  });

  t.test('the weights that were loaded stay as they are', async (t) => {
    const name = parameters[0]!;
    const loaded = weights.get(name)!.data.slice();
    const session = await start();
    await session.step(batchOf(small), ignore);
    t.same(weights.get(name)!.data, loaded);
    await session.dispose();
  });

  t.test("ONNX Runtime's own operators and ONNX's lead to the same parameters", async (t) => {
    if (!(await measureBlockedLayout(runtime))) {
      return void t.comment('not run: this processor has no kernels for channels in blocks');
    }
    const results: Float32Array[] = [];
    for (const blocked of [false, true]) {
      const session = await start({ optimizer: { type: 'SGD' } }, blocked);
      for (let step = 0; step < 3; step++) await session.step(batchOf(small), ignore);
      results.push(await readAll(session, parameters));
      await session.dispose();
    }
    t.ok(relativeRms(results[0]!, results[1]!) < 1e-5);
  });

  t.test('SGD moves each group by its own rate, decay and norm of the clipped gradient', async (t) => {
    const optimizer = {
      type: 'SGD',
      weight_decay: 0.1,
      grad_clip_cfg: { name: 'ClipGradByGlobalNorm', clip_norm: 0.01 },
      custom_cfg: [{ name: 'head', lr_mult: 10, weight_decay_mult: 0.5 }],
    };
    const session = await start({ optimizer });
    const gradients = new Map<string, Float32Array>();
    const { learningRate } = await session.step(batchOf(small, parameters), (name, { data }) =>
      gradients.set(name, data.slice()),
    );
    t.equal(gradients.size, parameters.length);
    for (const [inGroup, rate, decay] of [
      [(name: string) => name.includes('head'), 10, 0.05],
      [(name: string) => !name.includes('head'), 1, 0.1],
    ] as const) {
      const names = parameters.filter(inGroup);
      const norm = Math.sqrt(names.reduce((sum, name) => sum + sumOfSquares(gradients.get(name)!), 0));
      t.ok(norm > 0.01, `the norm is ${norm}: it is clipped`);
      const expected = names.flatMap((name) =>
        Array.from(weights.get(name)!.data, (p, at) => {
          const clipped = (gradients.get(name)![at]! * 0.01) / norm;
          return p - learningRate * rate * (clipped + decay * p);
        }),
      );
      const actual = await readAll(session, names);
      t.ok(relativeRms(actual, Float32Array.from(expected)) < 1e-7);
    }
    await session.dispose();
  });

  t.test('what does not fit is refused before a step', async (t) => {
    const session = await start();
    const batch = batchOf(small);
    const label = { ...batch.label, data: batch.label.data.slice() };
    label.data[57] = 5n;
    await t.rejects(session.step({ ...batch, label }, ignore), UserError);
    await t.rejects(session.step({ ...batch, label }, ignore), {
      message:
        'Cannot train on the labels: image 0 has 5 in row 1, column 1; 0 to 4, or 255 for a pixel that is ignored, is wanted',
    });
    await t.rejects(session.step({ ...batch, draws: new Map() }, ignore), EnvironmentError);
    await t.rejects(start({ optimizer: { type: 'AdamX' } }), {
      message: /type is AdamX; one of AdamW, .* Did you mean/,
    });
    await session.dispose();
  });
}

function ignore(): void {
  // Nothing is asked for.
}

/** Parameters one after the other. */
async function readAll(session: TrainingSession, names: readonly string[]): Promise<Float32Array> {
  const values: Float32NdArray[] = [];
  await session.read(names, (_name, value) => void values.push(value));
  return Float32Array.from(values.flatMap(({ data }) => [...data]));
}

function sumOfSquares(values: Float32Array): number {
  return values.reduce((sum, x) => sum + x * x, 0);
}
