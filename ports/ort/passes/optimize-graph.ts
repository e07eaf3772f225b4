import { newBuilder } from '../graph/builder.js';
import type { Graph } from '../graph/graph.js';
import { affineAsConv } from './affine-as-conv.js';
import { foldBatchNorms } from './fold-batch-norms.js';
import { foldChannelScales } from './fold-channel-scales.js';
import { foldUnsqueezes } from './fold-unsqueezes.js';
import { mergeShortcuts } from './merge-shortcuts.js';
import { reorderSums } from './reorder-sums.js';
import { resizeAfterConv } from './resize-after-conv.js';
import { splitHiddenChannels } from './split-hidden-channels.js';

/**
 * Makes the graph that users run: the same numbers up to rounding, in fewer and larger steps that ONNX Runtime's own
 * optimiser can keep in its blocked layout (NCHWc) from end to end. Nothing may be observed inside it afterwards.
 */
export function optimizeGraph(graph: Graph, { device }: { device: 'cpu' | 'gpu' } = { device: 'cpu' }): void {
  const builder = newBuilder(graph);
  foldUnsqueezes(builder);
  foldChannelScales(builder);
  foldBatchNorms(builder);
  mergeShortcuts(builder);
  // A GPU has no cache of its own per part to fill, and would wait for each.
  if (device === 'cpu') splitHiddenChannels(builder);
  reorderSums(builder);
  resizeAfterConv(builder);
  affineAsConv(builder);
}
