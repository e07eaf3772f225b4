import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import type { ModelSection } from '../../harness/contract/port.js';
import type { ExportOptions } from '../../harness/setup/port-about.js';
import { packageVersion } from '../../harness/support/package-root.js';
import { findModel } from '../../models/registry.js';
import { encodeGraph, onnxVersions } from '../../onnx/encode-graph.js';
import { buildModelGraph } from './build-model-graph.js';
import { optimizeGraph } from './passes/optimize-graph.js';

/**
 * An ONNX file of a model: `image` float32 [batch, channels, height, width] to `logits` [batch, classes, height,
 * width], or [batch, classes] of a classifier. Throws a UserError for a section that no model can read. `weights` must
 * be the model's own, complete.
 */
export async function exportModel(
  section: ModelSection,
  weights: ReadonlyMap<string, Float32NdArray>,
  { draws, layers, origin }: ExportOptions,
): Promise<Uint8Array> {
  const definition = await findModel(section);
  const graph = buildModelGraph(definition, definition.parse(section), weights, {
    probes: ['logits'],
    named: layers,
    draws,
  });
  if (!layers) optimizeGraph(graph);
  const metadata = new Map([
    ['tipcheck.version', packageVersion],
    ...origin,
    ['tipcheck.model', JSON.stringify(section)],
    ['tipcheck.opset', String(onnxVersions.opset)],
    ['tipcheck.draws', draws],
    ['tipcheck.graph', layers ? 'as the model states it' : 'folded'],
  ]);
  return encodeGraph(graph, { producerVersion: packageVersion, metadata });
}
