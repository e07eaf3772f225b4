import type { Node } from '../../../onnx/graph.js';
import { removeDeadNodes } from '../../../onnx/graph.js';
import type { Builder } from '../graph/builder.js';
import { indexGraph, moveBefore, replaceUses } from '../graph/rewrite.js';

/**
 * Tokens [b, h · w, c], which are a transposed reshaping of a map, become a reshaping of the map with its channels
 * last. ONNX Runtime writes that straight from its blocked layout, and products with it run along memory. Otherwise it
 * takes a transposed factor. Each such product of NMF takes 0.4 of the time.
 */
export function channelsLastTokens(builder: Builder): void {
  const { graph } = builder;
  const index = indexGraph(graph);
  for (const transpose of graph.nodes.filter(isMatrixTranspose)) {
    const reshape = index.producer(transpose.inputs[0]);
    const map = reshape?.op === 'Reshape' ? reshape.inputs[0] : null;
    const [batch = null, channels = null, height = null, width = null] = map?.shape ?? [];
    // With several groups a token is a part of a position's channels.
    if (map?.shape.length !== 4 || channels === null || reshape!.outputs[0]!.shape[1] !== channels) continue;
    const before = graph.nodes.length;
    builder.scope = transpose.outputs[0]!.name;
    const last = builder.add('Transpose', [map], [batch, height, width, channels], { perm: [0, 2, 3, 1] });
    const tokens = builder.add('Reshape', [last, builder.sizes([0, -1, channels])], [batch, null, channels]);
    moveBefore(graph, graph.nodes.slice(before), transpose);
    replaceUses(graph, transpose.outputs[0]!, tokens);
  }
  removeDeadNodes(graph);
}

function isMatrixTranspose({ op, attributes: { perm } }: Node): boolean {
  return op === 'Transpose' && Array.isArray(perm) && perm.join() === '0,2,1';
}
