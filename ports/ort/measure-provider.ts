import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, messageOf } from '../../harness/support/errors.js';
import { parseJson } from '../../harness/support/parse-json.js';
import { openScratch } from '../../harness/support/scratch.js';
import { encodeGraph } from '../../onnx/encode-graph.js';
import { newGraph } from '../../onnx/graph.js';
import type { OnnxRuntime, SessionOptions } from './engine.js';
import { newBuilder } from './graph/builder.js';

/**
 * The execution provider that really runs a convolution under these options, for example `CPUExecutionProvider`. A
 * small graph is run once, and ONNX Runtime's own profile names it. The session itself does not tell.
 */
export async function measureProvider(
  ort: OnnxRuntime,
  options: Omit<SessionOptions, 'graphOptimizationLevel'>,
): Promise<string> {
  const scratch = await openScratch();
  const { folder } = scratch;
  try {
    const session = await ort.InferenceSession.create(smallGraph(), {
      ...options,
      // A profile gives all threads that had nothing to do one name: with several it may hold a key twice.
      intraOpNumThreads: 1,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
      graphOptimizationLevel: 'disabled',
    });
    await session.run({ image: new ort.Tensor('float32', new Float32Array(16), [1, 1, 4, 4]) });
    session.endProfiling();
    await session.release();
    return await readProvider(folder);
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    const wanted = options.executionProviders.map((provider) =>
      typeof provider === 'string' ? provider : provider.name,
    );
    throw new EnvironmentError(`Cannot start onnxruntime-node with ${wanted.join(', ')}: ${messageOf(error)}`);
  } finally {
    await scratch.close();
  }
}

function smallGraph(): Uint8Array {
  const graph = newGraph();
  const builder = newBuilder(graph);
  const image = builder.input('image', [1, 1, 4, 4]);
  const weight = builder.constant('weight', [1, 1, 3, 3], new Float32Array(9).fill(1));
  graph.outputs.set('y', builder.add('Conv', [image, weight], [1, 1, 2, 2]));
  return encodeGraph(graph, { producerVersion: '', metadata: new Map() });
}

interface ProfileEvent {
  readonly cat?: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

async function readProvider(folder: string): Promise<string> {
  for (const file of await readdir(folder)) {
    const events = parseJson(await readFile(join(folder, file), 'utf8')) as ProfileEvent[];
    const found = events.find((event) => event.args?.op_name === 'Conv' && event.args.provider !== undefined);
    if (found?.args?.provider !== undefined) return found.args.provider;
  }
  throw new EnvironmentError('Cannot tell where onnxruntime-node runs: its profile names no provider; one is wanted');
}
