import type { Node, Size, Value } from '../../../onnx/graph.js';
import { removeDeadNodes } from '../../../onnx/graph.js';
import type { Builder } from '../graph/builder.js';
import { floats, type GraphIndex, indexGraph, moveBefore, replaceUses } from '../graph/rewrite.js';
import { padsNothing } from './channel-affine.js';
import { sliceInputs } from './split-hidden-channels.js';

/**
 * A 1×1 convolution of joined feature maps, some of them enlarged, is the sum of 1×1 convolutions of each. Its weights
 * do not depend on the position, so enlarging may follow. The sums are the same, over fewer positions, and there is no
 * joined map.
 */
export function resizeAfterConv(builder: Builder): void {
  const { graph } = builder;
  let index = indexGraph(graph);
  for (const conv of graph.nodes.filter((node) => node.op === 'Conv')) {
    const parts = findParts(index, conv);
    if (parts === null) continue;
    const before = graph.nodes.length;
    const terms = parts.map((part, at) => convolvePart(builder, conv, part, at));
    // The convolution that is not resized comes last: engines let it add the others to its result.
    const ordered = terms.filter((_, at) => parts[at]!.resize !== null);
    ordered.push(...terms.filter((_, at) => parts[at]!.resize === null));
    const total = ordered.reduce((left, right) => builder.add('Add', [left, right], conv.outputs[0]!.shape));
    moveBefore(graph, graph.nodes.slice(before), conv);
    replaceUses(graph, conv.outputs[0]!, total);
    removeDeadNodes(graph);
    index = indexGraph(graph);
  }
}

interface Part {
  /** Before it is enlarged. */
  readonly source: Value;
  readonly resize: Node | null;
  readonly firstChannel: number;
  readonly channels: number;
}

function findParts(index: GraphIndex, conv: Node): Part[] | null {
  const { group, kernel_shape: kernel, strides } = conv.attributes;
  const ones = [kernel, strides].every((pair) => Array.isArray(pair) && pair.every((extent) => extent === 1));
  const concat = index.ownProducer(conv.inputs[0], 'Concat');
  if (concat === undefined || group !== 1 || !ones || !padsNothing(conv) || floats(conv.inputs[1]) === null)
    return null;
  let firstChannel = 0;
  const parts = concat.inputs.map((input): Part => {
    const resize = index.ownProducer(input, 'Resize') ?? null;
    const part = { source: resize?.inputs[0] ?? input!, resize, firstChannel, channels: input!.shape[1] ?? 0 };
    firstChannel += part.channels;
    return part;
  });
  const known = parts.every((part) => part.channels > 0);
  return known && parts.some((part) => part.resize !== null) ? parts : null;
}

/** The bias goes to the first part: it must be added once. */
function convolvePart(
  builder: Builder,
  conv: Node,
  { source, resize, firstChannel, channels }: Part,
  at: number,
): Value {
  const [, weight, bias] = conv.inputs;
  const out = weight!.shape[0] ?? null;
  builder.scope = conv.outputs[0]!.name;
  const ownWeight = sliceInputs(builder, weight!, { from: firstChannel, to: firstChannel + channels });
  const inputs = bias == null || at > 0 ? [source, ownWeight] : [source, ownWeight, bias];
  const sizes = source.shape.slice(2) as Size[];
  const y = builder.add('Conv', inputs, [source.shape[0] ?? null, out, ...sizes], conv.attributes);
  if (resize === null) return y;
  return builder.add('Resize', [y, ...resize.inputs.slice(1)], conv.outputs[0]!.shape, resize.attributes);
}
