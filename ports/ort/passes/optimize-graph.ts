import { newBuilder } from '../graph/builder.js';
import type { Graph } from '../graph/graph.js';
import { foldBatchNorms } from './fold-batch-norms.js';
import { foldChannelScales } from './fold-channel-scales.js';
import { mergeShortcuts } from './merge-shortcuts.js';

/** Makes the graph that users run: the same numbers up to rounding, in fewer and larger steps. */
export function optimizeGraph(graph: Graph): void {
  const builder = newBuilder(graph);
  foldChannelScales(builder);
  foldBatchNorms(builder);
  mergeShortcuts(builder);
}
