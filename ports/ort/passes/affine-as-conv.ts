import type { Node } from '../../../onnx/graph.js';
import { removeDeadNodes } from '../../../onnx/graph.js';
import type { Builder } from '../graph/builder.js';
import { indexGraph, moveBefore, replaceUses } from '../graph/rewrite.js';
import { perChannel } from './channel-affine.js';

/**
 * x · weight + bias per channel becomes one 1×1 depthwise convolution: one walk through memory in place of two, and
 * ONNX Runtime lets it take an activation and a sum along.
 */
export function affineAsConv(builder: Builder): void {
  const { graph } = builder;
  for (const add of graph.nodes.filter((node) => node.op === 'Add' && perChannel(node.inputs[1]) !== null)) {
    const mul = indexGraph(graph).ownProducer(add.inputs[0], 'Mul');
    const scale = perChannel(mul?.inputs[1]);
    if (mul === undefined || scale === null) continue;
    replaceByConv(builder, add, mul, scale);
  }
  removeDeadNodes(graph);
}

function replaceByConv(builder: Builder, add: Node, mul: Node, scale: Float32Array): void {
  const [output, channels] = [add.outputs[0]!, scale.length];
  builder.scope = output.name;
  const weight = builder.constant(`${mul.inputs[1]!.name}.depthwise`, [channels, 1, 1, 1], scale);
  const bias = builder.constant(`${add.inputs[1]!.name}.bias`, [channels], perChannel(add.inputs[1])!);
  const attributes = { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], group: channels };
  const conv = builder.add('Conv', [mul.inputs[0]!, weight, bias], output.shape, attributes);
  moveBefore(builder.graph, builder.graph.nodes.slice(-1), add);
  replaceUses(builder.graph, output, conv);
}
