import { EnvironmentError, messageOf } from '../../harness/support/errors.js';
import { encodeGraph } from '../../onnx/encode-graph.js';
import { newGraph } from '../../onnx/graph.js';
import type { OnnxRuntime, SessionOptions } from './engine.js';
import { newBuilder } from './graph/builder.js';
import { type ProfileEvent, profileRun } from './profile-run.js';

/**
 * The execution provider that really runs a convolution under these options, for example `CPUExecutionProvider`. A
 * small graph is run once, and ONNX Runtime's own profile names it. The session itself does not tell.
 */
export async function measureProvider(
  ort: OnnxRuntime,
  options: Omit<SessionOptions, 'graphOptimizationLevel'>,
): Promise<string> {
  const image = new ort.Tensor('float32', new Float32Array(16), [1, 1, 4, 4]);
  try {
    return readProvider(
      await profileRun(ort, { ...options, graphOptimizationLevel: 'disabled' }, smallGraph(), { image }),
    );
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    const wanted = options.executionProviders.map((provider) =>
      typeof provider === 'string' ? provider : provider.name,
    );
    throw new EnvironmentError(`Cannot start onnxruntime-node with ${wanted.join(', ')}: ${messageOf(error)}`);
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

function readProvider(events: readonly ProfileEvent[]): string {
  const found = events.find((event) => event.args?.op_name === 'Conv' && event.args.provider !== undefined);
  if (found?.args?.provider !== undefined) return found.args.provider;
  throw new EnvironmentError('Cannot tell where onnxruntime-node runs: its profile names no provider; one is wanted');
}
