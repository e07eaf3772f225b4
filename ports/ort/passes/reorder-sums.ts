import type { Node, Value } from '../../../onnx/graph.js';
import { removeDeadNodes } from '../../../onnx/graph.js';
import type { Builder } from '../graph/builder.js';
import { type GraphIndex, indexGraph, moveBefore, replaceUses } from '../graph/rewrite.js';

/**
 * a + ((b + c) + d) becomes ((a + b) + c) + d if convolutions cannot add to a. ONNX Runtime lets a convolution add its
 * result to one other operand. So each of b, c and d does, and no sum remains.
 */
export function reorderSums(builder: Builder): void {
  const { graph } = builder;
  let index = indexGraph(graph);
  for (const sum of graph.nodes.filter((node) => node.op === 'Add')) {
    if (index.producer(sum.outputs[0]) === undefined || isPartOfSum(index, sum)) continue;
    const terms = termsOf(index, sum);
    const ofConvs = terms.filter((term) => index.ownProducer(term, 'Conv') !== undefined);
    if (terms.length < 3 || ofConvs.length !== terms.length - 1) continue;
    const rest = terms.filter((term) => !ofConvs.includes(term));
    const shape = sum.outputs[0]!.shape;
    builder.scope = sum.outputs[0]!.name;
    const before = graph.nodes.length;
    const total = [...rest, ...ofConvs].reduce((left, right) => builder.add('Add', [left, right], shape));
    moveBefore(graph, graph.nodes.slice(before), sum);
    replaceUses(graph, sum.outputs[0]!, total);
    removeDeadNodes(graph);
    index = indexGraph(graph);
  }
}

function isPartOfSum(index: GraphIndex, sum: Node): boolean {
  const [output] = sum.outputs;
  const own = index.ownProducer(output, 'Add') !== undefined;
  return own && index.consumers(output!)[0]!.op === 'Add' && sameRank(index.consumers(output!)[0]!);
}

/** A sum's terms, those of sums inside it that nothing else reads included. */
function termsOf(index: GraphIndex, sum: Node): Value[] {
  return sum.inputs.flatMap((input) => {
    const inner = index.ownProducer(input, 'Add');
    return inner === undefined || !sameRank(inner) ? [input!] : termsOf(index, inner);
  });
}

/** Whether neither operand is broadcast over the other: only then may sums change their order freely. */
function sameRank(sum: Node): boolean {
  return sum.inputs.every((input) => input?.shape.length === sum.outputs[0]!.shape.length);
}
