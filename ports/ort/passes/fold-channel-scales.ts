import type { Node } from '../../../onnx/graph.js';
import { removeDeadNodes } from '../../../onnx/graph.js';
import type { Builder } from '../graph/builder.js';
import { floats, type GraphIndex, indexGraph, moveBefore, replaceUses } from '../graph/rewrite.js';
import { affineAfterConv, affineOfBatchNorm, perChannel } from './channel-affine.js';

/** Layer scales move into what they scale: a convolution, or the sum of a convolution and a batch norm. */
export function foldChannelScales(builder: Builder): void {
  const { graph } = builder;
  let index = indexGraph(graph);
  for (const mul of graph.nodes.filter((node) => node.op === 'Mul' && perChannel(node.inputs[1]) !== null)) {
    const scale = Float64Array.from(perChannel(mul.inputs[1])!);
    if (foldIntoConv(builder, index, mul, scale)) {
      index.replaceUses(mul.outputs[0]!, mul.inputs[0]!);
    } else if (foldIntoSum(builder, index, mul, scale)) {
      replaceUses(graph, mul.outputs[0]!, mul.inputs[0]!);
      index = indexGraph(graph);
    }
  }
  removeDeadNodes(graph);
}

function foldIntoConv(builder: Builder, index: GraphIndex, reader: Node, scale: Float64Array, input = 0): boolean {
  const conv = index.ownProducer(reader.inputs[input], 'Conv');
  if (conv === undefined || floats(conv.inputs[1]) === null) return false;
  affineAfterConv(builder, conv, { scale, shift: new Float64Array(scale.length) });
  return true;
}

/** (conv + norm) · s = conv · s + norm · s. The norm may have other readers: the scaled one is a copy. */
function foldIntoSum(builder: Builder, index: GraphIndex, mul: Node, scale: Float64Array): boolean {
  const sum = index.ownProducer(mul.inputs[0], 'Add');
  if (sum === undefined) return false;
  for (const side of [0, 1]) {
    const norm = index.producer(sum.inputs[1 - side]);
    const affine = norm?.op === 'BatchNormalization' ? affineOfBatchNorm(norm) : null;
    if (norm === undefined || affine === null || !foldIntoConv(builder, index, sum, scale, side)) continue;
    const scaled = copyNorm(builder, norm, scale);
    moveBefore(builder.graph, [scaled], sum);
    sum.inputs[1 - side] = scaled.outputs[0]!;
    return true;
  }
  return false;
}

function copyNorm(builder: Builder, norm: Node, scale: Float64Array): Node {
  const [x, weight, bias, mean, variance] = norm.inputs;
  const times = (value: typeof weight) => {
    const data = Float32Array.from(floats(value)!, (v, c) => v * scale[c]!);
    return builder.constant(`${value!.name}.scaled`, [data.length], data);
  };
  const inputs = [x!, times(weight), times(bias), mean!, variance!];
  builder.scope = norm.outputs[0]!.name;
  builder.add(norm.op, inputs, norm.outputs[0]!.shape, norm.attributes);
  return builder.graph.nodes.at(-1)!;
}
