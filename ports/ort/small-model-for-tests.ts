import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import { findModel } from '../../models/registry.js';
import { encodeGraph } from '../../onnx/encode-graph.js';
import type { Graph } from '../../onnx/graph.js';
import { seededModel } from '../tfjs-shared/seeded-model-for-tests.js';
import { buildModelGraph, type GraphRequest } from './build-model-graph.js';
import type { Runtime } from './session.js';

/** For tests: SegNeXt with as few channels as its passes still find something to do in. */
export const smallSection = {
  type: 'SegNeXt',
  backbone: { type: 'MSCAN_T', embed_dims: [16, 32, 32, 48], depths: [2, 1, 1, 1], mlp_ratios: [8, 4, 4, 4] },
  num_classes: 5,
  decoder_cfg: { channels: 32, ham_channels: 64, num_groups: 8, ham_kwargs: { MD_R: 8 } },
} as const;

export async function smallGraph(request: GraphRequest): Promise<Graph> {
  const definition = await findModel(smallSection);
  const { weights } = await seededModel(smallSection, [1, 3, 32, 32]);
  return buildModelGraph(definition, definition.parse(smallSection), weights, request);
}

/** The logits of a graph of the small model for a seeded image. */
export async function runSmallGraph(
  runtime: Runtime,
  graph: Graph,
  imageShape: readonly number[],
): Promise<Float32NdArray> {
  const { request } = await seededModel(smallSection, imageShape);
  const { inputs, draws } = request([]);
  const session = await runtime.openSession(encodeGraph(graph, { producerVersion: '', metadata: new Map() }), 'all');
  try {
    return (await session.run(new Map([...inputs, ...draws]))).get('logits')!;
  } finally {
    await session.release();
  }
}

/** rms(a − b) / rms(b) */
export function relativeRms(actual: Float32Array, expected: Float32Array): number {
  let [errors, squares] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    errors += (actual[i]! - expected[i]!) ** 2;
    squares += expected[i]! ** 2;
  }
  return Math.sqrt(errors / squares);
}
