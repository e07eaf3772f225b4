import t from 'tap';
import { uniform } from '../../../harness/golden/seeded.js';
import { type Graph, newGraph, removeDeadNodes } from '../../../onnx/graph.js';
import { newBuilder } from '../graph/builder.js';
import { newEmitter, shapeOf } from './emitter.js';
import { evaluateGraph, evaluateRanks } from './evaluate-for-tests.js';
import { batchNorm } from './norms.js';
import { syncBatchNorm } from './sync-batch-norm.js';
import { newTape } from './tape.js';

/** Of central differences at 1e-5 in float64; constants are float32. */
const limit = 2e-6;
const epsilon = 1e-5;
const channels = 3;
/** Images of each rank: the means are weighted by their counts. */
const shares = [1, 2];
const [height, width] = [2, 3];
const perImage = channels * height * width;

const seed = Math.floor(Math.random() * 2 ** 32);
t.comment(`seed ${seed}`);
const draw = (name: string, count: number) => Float64Array.from(uniform(seed, name, count), (u) => 2 * u - 1);

type Feeds = ReadonlyMap<string, Float64Array>;

/** Σ y · r of a rank's images, its gradients, and the batch's statistics. */
function buildGraph(images: number, rank: number | null): Graph {
  const graph = newGraph();
  const emitter = newEmitter(newBuilder(graph));
  const tape = newTape(emitter);
  const variable = (name: string, shape: readonly number[]) => tape.variable(emitter.builder.input(name, shape));
  const x = variable('x', [images, channels, height, width]);
  const [weight, bias] = [variable('weight', [channels]), variable('bias', [channels])];
  const inputs = { x, weight, bias };
  const ranks = rank === null ? null : { rank, size: shares.length };
  const seen = ranks === null ? batchNorm(tape, inputs, epsilon) : syncBatchNorm(tape, inputs, epsilon, ranks);
  const r = emitter.builder.input('r', shapeOf(x));
  const product = tape.record(emitter.mul(seen.y, r), [seen.y], (gradient) => [emitter.mul(gradient, r)]);
  const loss = tape.record(emitter.reshape(emitter.sum(product, [0, 1, 2, 3]), []), [product], (gradient) => [
    gradient,
  ]);
  const gradients = tape.gradients(loss, [x, weight, bias]);
  for (const [at, name] of ['x', 'weight', 'bias'].entries()) graph.outputs.set(`gradient/${name}`, gradients[at]!);
  graph.outputs.set('loss', loss).set('mean', seen.mean).set('variance', seen.variance).set('count', seen.count);
  removeDeadNodes(graph);
  return graph;
}

const graphs = shares.map(buildGraph);
const feeds: readonly Feeds[] = shares.map((images, rank) => {
  const ofRank = ['x', 'r'].map((name) => [name, draw(`${name}/${rank}`, images * perImage)] as const);
  return new Map([...ofRank, ['weight', draw('weight', channels)], ['bias', draw('bias', channels)]]);
});

t.test('ranks normalise their shares as one process normalises all', (t) => {
  const joined = (name: string) => Float64Array.from(feeds.flatMap((feed) => [...feed.get(name)!]));
  const together = new Map([...feeds[0]!, ['x', joined('x')], ['r', joined('r')]]);
  const alone = evaluateGraph(buildGraph(3, null), together);
  const ranks = evaluateRanks(graphs, feeds);
  for (const name of ['mean', 'variance', 'count']) {
    for (const rank of ranks) t.ok(largestError(rank.get(name)!, alone.get(name)!) < 1e-12, name);
  }
  const sum = (name: string) => ranks[0]!.get(name)!.map((value, at) => value + ranks[1]!.get(name)![at]!);
  for (const name of ['loss', 'gradient/weight', 'gradient/bias']) {
    t.ok(largestError(sum(name), alone.get(name)!) < 1e-12, name);
  }
  const dx = Float64Array.from(ranks.flatMap((rank) => [...rank.get('gradient/x')!]));
  t.ok(largestError(dx, alone.get('gradient/x')!) < 1e-12, 'gradient/x');
  t.end();
});

t.test("gradients agree with finite differences of the sum of the ranks' losses", (t) => {
  const ranks = evaluateRanks(graphs, feeds);
  const lossWith = (rank: number | null, name: string, at: number, change: number) => {
    const moved = feeds.map((feed, of) => {
      if (rank !== null && of !== rank) return feed;
      const values = feed.get(name)!.slice();
      values[at]! += change;
      return new Map([...feed, [name, values]]);
    });
    return evaluateRanks(graphs, moved).reduce((sum, found) => sum + found.get('loss')![0]!, 0);
  };
  const difference = (rank: number | null, name: string) =>
    feeds[rank ?? 0]!.get(name)!.map(
      (_, at) => (lossWith(rank, name, at, 1e-5) - lossWith(rank, name, at, -1e-5)) / 2e-5,
    );
  for (const [rank, found] of ranks.entries()) {
    t.ok(largestError(found.get('gradient/x')!, difference(rank, 'x')) < limit, `the images of rank ${rank}`);
  }
  for (const name of ['weight', 'bias']) {
    const [first, second] = ranks.map((rank) => rank.get(`gradient/${name}`)!);
    t.ok(
      largestError(
        first!.map((value, at) => value + second![at]!),
        difference(null, name),
      ) < limit,
      name,
    );
  }
  t.end();
});

/** Relative to the rms of what is expected. */
function largestError(actual: Float64Array, expected: Float64Array): number {
  if (actual.length !== expected.length) return Number.NaN;
  const rms = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length);
  return actual.reduce((worst, value, at) => Math.max(worst, Math.abs(value - expected[at]!) / rms), 0);
}
