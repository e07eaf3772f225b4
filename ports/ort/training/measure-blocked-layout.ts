import { float32NdArray } from '../../../harness/contract/nd-array.js';
import { EnvironmentError } from '../../../harness/support/errors.js';
import { encodeGraph } from '../../../onnx/encode-graph.js';
import { newGraph, type Value } from '../../../onnx/graph.js';
import { type Emitter, newEmitter } from '../gradients/emitter.js';
import { newBuilder } from '../graph/builder.js';
import type { Runtime } from '../session.js';

/**
 * Whether a runtime has kernels for its layout of channels in blocks: a small convolution is run in blocks and as ONNX
 * states it. They are ONNX Runtime's own operators, made for the processors that they are fast on; no GPU has them.
 */
export async function measureBlockedLayout(runtime: Runtime): Promise<boolean> {
  if (runtime.report.device !== 'cpu') return false;
  try {
    return await compare(runtime);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    // No kernel of that name, or none for this processor: the answer is no, whatever the runtime calls it.
    return false;
  }
}

const [channels, side, taps] = [32, 5, 3];

async function compare(runtime: Runtime): Promise<boolean> {
  const graph = newGraph();
  const emitter = newEmitter(newBuilder(graph), { blocked: true });
  const x = emitter.builder.input('x', [1, channels, side, side]);
  const weight = emitter.builder.input('weight', [channels, 1, taps, taps]);
  graph.outputs.set('plain', plainly(emitter, x, weight)).set('blocked', inBlocks(emitter, x, weight));
  const session = await runtime.openSession(encodeGraph(graph, { producerVersion: '', metadata: new Map() }), 'all');
  try {
    // Small whole numbers: their products and sums are exact, and the two must be equal.
    const count = (length: number, by: number) => Float32Array.from({ length }, (_, at) => (at * by) % 23);
    const results = await session.run(
      new Map([
        ['x', float32NdArray([1, channels, side, side], count(channels * side * side, 7))],
        ['weight', float32NdArray([channels, 1, taps, taps], count(channels * taps * taps, 5))],
      ]),
    );
    const [plain, blocked] = ['plain', 'blocked'].map((name) => results.get(name)!.data);
    return plain!.every((expected, at) => blocked![at] === expected);
  } finally {
    await session.release();
  }
}

const pads = [1, 1, 1, 1];

function plainly({ builder }: Emitter, x: Value, weight: Value): Value {
  return builder.add('Conv', [x, weight], x.shape, { kernel_shape: [taps, taps], pads, group: channels });
}

function inBlocks({ blocked, reshape }: Emitter, x: Value, weight: Value): Value {
  const entered = blocked!.enter(reshape(weight, [1, channels, taps, taps]));
  const kernel = reshape(entered, [channels, 1, taps, taps]);
  return blocked!.leave(blocked!.depthwise(blocked!.enter(x), kernel, null, [1, channels, side, side], { pads }));
}
