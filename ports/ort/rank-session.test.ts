import t from 'tap';
import { type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import type { Collective } from '../../harness/contract/port.js';
import { findEngine } from '../../harness/setup/engines.js';
import { newGraph } from '../../onnx/graph.js';
import { onnxruntimeNode } from './engine.js';
import { newEmitter } from './gradients/emitter.js';
import { addAllReduce } from './graph/all-reduce.js';
import { newBuilder } from './graph/builder.js';
import { openGraph } from './open-graph.js';
import { openRuntime } from './session.js';

/** The first of two ranks, whose other has the same share. */
function twin(summed: number[][]): Collective {
  return {
    rank: 0,
    size: 2,
    sum(values) {
      summed.push([...values]);
      for (const [at, value] of values.entries()) values[at] = value * 2;
    },
  };
}

/** x ↦ the sums over ranks of −x, and of that sum squared. */
function twoSums() {
  const graph = newGraph();
  const emitter = newEmitter(newBuilder(graph));
  const x = emitter.builder.input('x', [2, 3]);
  const first = addAllReduce(emitter.builder, emitter.unary('Neg', x));
  const second = addAllReduce(emitter.builder, emitter.mul(first, first));
  graph.outputs.set('first', first).set('second', second).set('once more', emitter.unary('Neg', first));
  return graph;
}

const feeds = new Map<string, Float32NdArray>([['x', float32NdArray([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))]]);

if (findEngine(onnxruntimeNode) === null) {
  t.comment('not run: onnxruntime-node is not prepared; npx tipcheck prepare --port ort');
} else {
  const runtime = await openRuntime({ device: 'cpu', threads: 1 });

  t.test('a graph sums in the middle of a run, and gives the outputs that are asked for', async (t) => {
    const summed: number[][] = [];
    const session = await openGraph(runtime, twoSums(), twin(summed));
    for (let run = 0; run < 2; run++) {
      const { first, second, ...others } = Object.fromEntries(await session.run(feeds, ['second', 'first']));
      t.strictSame(others, {});
      t.strictSame(first!.shape, [2, 3]);
      t.strictSame([...first!.data], [-2, -4, -6, -8, -10, -12]);
      t.strictSame([...second!.data], [8, 32, 72, 128, 200, 288]);
    }
    t.strictSame([...(await session.run(feeds)).keys()], ['first', 'second', 'once more']);
    t.strictSame(summed[0], [-1, -2, -3, -4, -5, -6], 'the share of this rank is summed');
    t.strictSame(summed[2], [0, 1], 'after the first run, the order of the sums');
    t.equal(summed.length, 2 * 3 + 1, 'and after no other');
    await session.release();
  });

  t.test('what a sum throws is thrown by the run, and the session runs on', async (t) => {
    let fails = true;
    const ranks = twin([]);
    const session = await openGraph(runtime, twoSums(), {
      ...ranks,
      sum(values) {
        if (fails) throw new RangeError('the other rank is gone');
        ranks.sum(values);
      },
    });
    await t.rejects(session.run(feeds), { name: 'RangeError', message: 'the other rank is gone' });
    fails = false;
    t.strictSame([...(await session.run(feeds, ['first'])).get('first')!.data], [-2, -4, -6, -8, -10, -12]);
    await session.release();
  });

  t.test('ranks that sum in other orders are found out at the first run', async (t) => {
    const ranks: Collective = { rank: 0, size: 2, sum: (values) => void values.fill(1) };
    const session = await openGraph(runtime, twoSums(), ranks);
    await t.rejects(session.run(feeds), { message: /^Cannot train on several ranks: .* other orders/ });
    await session.release();
  });

  t.test('a graph that ONNX Runtime refuses is an error of the environment', async (t) => {
    const graph = twoSums();
    graph.nodes.push({ op: 'NoSuch', domain: '', inputs: [graph.inputs[0]!], outputs: [], attributes: {} });
    graph.nodes.at(-1)!.outputs.push({ name: 'y', dtype: 'float32', shape: [2, 3], constant: null });
    await t.rejects(openGraph(runtime, graph, twin([])), {
      name: 'EnvironmentError',
      message: /^Cannot load the graph of several ranks into onnxruntime-node: .*NoSuch/s,
    });
  });

  t.test('sums need ranks, and numbers of their own', async (t) => {
    await t.rejects(openGraph(runtime, twoSums(), null), { message: 'a graph with sums over ranks runs on one' });
    const graph = twoSums();
    for (const node of graph.nodes) if (node.op === 'AllReduce') node.attributes = { number: 0 };
    await t.rejects(openGraph(runtime, graph, twin([])), { message: 'two sums over ranks bear one number' });
  });
}
