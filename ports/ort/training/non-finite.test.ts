import { createHash } from 'node:crypto';
import t from 'tap';
import type { Float32NdArray } from '../../../harness/contract/nd-array.js';
import { float32NdArray } from '../../../harness/contract/nd-array.js';
import type { TrainingSession, TrainRequest } from '../../../harness/contract/port.js';
import { findEngine } from '../../../harness/setup/engines.js';
import { encodeGraph } from '../../../onnx/encode-graph.js';
import { newGraph } from '../../../onnx/graph.js';
import { drawBatch, drawWeights, smallRequest } from '../../../training/small-training-for-tests.js';
import { onnxruntimeNode } from '../engine.js';
import { newEmitter } from '../gradients/emitter.js';
import { newBuilder } from '../graph/builder.js';
import { openRuntime } from '../session.js';
import { nonFiniteFlag } from './non-finite-flag.js';
import { start as startSmall } from './start-for-tests.js';

if (findEngine(onnxruntimeNode) === null) {
  t.comment('not run: onnxruntime-node is not prepared; npx tipcheck prepare --port ort');
} else {
  const seed = Math.floor(Math.random() * 2 ** 32);
  t.comment(`seed ${seed}`);
  t.setTimeout(300_000);
  const start = (request: Partial<TrainRequest> = {}, weights = drawWeights(seed)) =>
    startSmall(weights, { ...smallRequest, ...request });

  t.test('an image with Inf updates nothing, and the first layer is named', async (t) => {
    const session = await start();
    await session.step(drawBatch(seed), ignore);
    const before = await hashSession(session);
    const broken = drawBatch(seed);
    broken.inputs.get('image')!.data[100] = Number.POSITIVE_INFINITY;
    const { learningRate, loss, nonFinite } = await session.step(broken, ignore);
    t.notOk(Number.isFinite(loss));
    t.strictSame(nonFinite, { what: 'loss', layer: 'backbone.patch_embed1.proj.0' });
    t.equal(await hashSession(session), before);
    t.equal((await session.step(drawBatch(seed), ignore)).learningRate, learningRate, 'the step number stayed');
    await session.dispose();
  });

  t.test('a NaN among the weights is named by its layer', async (t) => {
    const weights = drawWeights(seed);
    weights.get('backbone.block2.1.mlp.fc2.weight')!.data[3] = Number.NaN;
    const session = await start({}, weights);
    const { nonFinite } = await session.step(drawBatch(seed), ignore);
    t.strictSame(nonFinite, { what: 'loss', layer: 'backbone.block2.1.mlp.fc2' });
    await session.dispose();
  });

  t.test('a loss that overflows behind finite layers is named as the loss', async (t) => {
    const loss = { types: [{ type: 'CrossEntropyLoss' }], coef: [3e38] };
    const session = await start({ loss });
    const { nonFinite } = await session.step(drawBatch(seed), ignore);
    t.strictSame(nonFinite, { what: 'loss', layer: 'loss' });
    await session.dispose();
  });

  t.test('a learning rate that explodes stops the step after it, with a layer', async (t) => {
    const session = await start({ lrScheduler: { ...smallRequest.lrScheduler, learning_rate: 1e30 } });
    t.equal((await session.step(drawBatch(seed), ignore)).nonFinite, undefined);
    const { nonFinite } = await session.step(drawBatch(seed), ignore);
    t.match(nonFinite, { what: /^(loss|gradient)$/, layer: /^(backbone|decode_head)\./ });
    await session.dispose();
  });

  t.test('a gradient that overflows behind a finite loss is named, the first on the way back', async (t) => {
    // Its own output is finite, and normalised at once: the loss is as ever.
    const weights = drawWeights(seed);
    const tiny = weights.get('decode_head.align._conv.weight')!.data;
    for (let at = 0; at < tiny.length; at++) tiny[at]! *= 1e-42;
    const session = await start({ loss: { types: [{ type: 'CrossEntropyLoss' }], coef: [1e38] } }, weights);
    const before = await hashSession(session);
    const { loss, nonFinite } = await session.step(drawBatch(seed), ignore);
    t.ok(Number.isFinite(loss), String(loss));
    t.strictSame(nonFinite, { what: 'gradient', layer: 'decode_head.align._conv.weight' });
    t.equal(await hashSession(session), before);
    await session.dispose();
  });

  t.test('a flag is 0 for finite numbers, be their sum finite or not, and NaN with one that is not', async (t) => {
    const graph = newGraph();
    const emitter = newEmitter(newBuilder(graph));
    const inputs = ['x', 'y'].map((name) => emitter.builder.input(name, [2, 2]));
    graph.outputs.set('flag', nonFiniteFlag(emitter, inputs));
    const runtime = await openRuntime({ device: 'cpu', threads: 1 });
    const session = await runtime.openSession(encodeGraph(graph, { producerVersion: '', metadata: new Map() }), 'all');
    const flagOf = async (...y: number[]) => {
      const large = float32NdArray([2, 2], new Float32Array(4).fill(3e38));
      const feeds = new Map([
        ['x', large],
        ['y', float32NdArray([2, 2], Float32Array.from(y))],
      ]);
      return (await session.run(feeds)).get('flag')!.data[0];
    };
    t.equal(await flagOf(1, 2, 3, 3e38), 0);
    for (const broken of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      t.ok(Number.isNaN(await flagOf(1, 2, broken, 3)), String(broken));
    }
    t.ok(Number.isNaN(await flagOf(Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY, 3)));
    await session.release();
  });
}

function ignore(): void {
  // Nothing is asked for.
}

/** All weights and all that the optimizer keeps, as one hash: maps that differ take minutes to be laid side by side. */
async function hashSession(session: TrainingSession): Promise<string> {
  const hash = createHash('sha256');
  const add = (_name: string, { data }: Float32NdArray) => void hash.update(data);
  await session.read([...drawWeights(0).keys()], add);
  await session.readSlots!(add);
  return hash.digest('hex');
}
