import type { Node, Value } from '../../../onnx/graph.js';
import { removeDeadNodes } from '../../../onnx/graph.js';
import type { Builder } from '../graph/builder.js';
import { floats, type GraphIndex, indexGraph, moveBefore, replaceUses } from '../graph/rewrite.js';
import { affineAfterConv, affineOfBatchNorm, type ChannelAffine } from './channel-affine.js';

/**
 * x + (conv + norm(x)) = conv + x · (1 + scale) + shift, with the shift in the convolution's bias. One 1×1 depthwise
 * convolution, which engines add into the other, takes the place of a batch norm and two sums.
 */
export function mergeShortcuts(builder: Builder): void {
  const { graph } = builder;
  let index = indexGraph(graph);
  for (const outer of graph.nodes.filter((node) => node.op === 'Add')) {
    const found = findShortcut(index, outer);
    if (found === null) continue;
    const { x, conv, affine } = found;
    const channels = affine.scale.length;
    affineAfterConv(builder, conv, { scale: new Float64Array(channels).fill(1), shift: affine.shift });
    builder.scope = outer.outputs[0]!.name;
    const merged = Float32Array.from(affine.scale, (scale) => 1 + scale);
    const weight = builder.constant(`${builder.scope}/shortcut`, [channels, 1, 1, 1], merged);
    const attributes = { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], group: channels };
    const shortcut = builder.add('Conv', [x, weight], x.shape, attributes);
    const sum = builder.add('Add', [conv.outputs[0]!, shortcut], outer.outputs[0]!.shape);
    moveBefore(graph, graph.nodes.slice(-2), outer);
    replaceUses(graph, outer.outputs[0]!, sum);
    index = indexGraph(graph);
  }
  removeDeadNodes(graph);
}

interface Shortcut {
  readonly x: Value;
  readonly conv: Node;
  readonly affine: ChannelAffine;
}

function findShortcut(index: GraphIndex, outer: Node): Shortcut | null {
  for (const side of [0, 1]) {
    const x = outer.inputs[side]!;
    const inner = index.ownProducer(outer.inputs[1 - side], 'Add');
    for (const normSide of inner === undefined ? [] : [0, 1]) {
      const norm = index.ownProducer(inner!.inputs[normSide], 'BatchNormalization');
      const conv = index.ownProducer(inner!.inputs[1 - normSide], 'Conv');
      const affine = norm === undefined ? null : affineOfBatchNorm(norm);
      if (norm?.inputs[0] === x && conv !== undefined && floats(conv.inputs[1]) !== null && affine !== null) {
        return { x, conv, affine };
      }
    }
  }
  return null;
}
