import type { Builder } from './builder.js';
import type { Node, Value } from './graph.js';

/** No operator of ONNX: a graph that has it is cut there (cut-into-stages.ts). */
const domain = 'tipcheck.ranks';

/** The sum of `x` over all ranks, whose graphs must have as many of them in the same order. Nothing else may read `x`. */
export function addAllReduce(builder: Builder, x: Value): Value {
  return builder.addMany('AllReduce', [x], [{ dtype: x.dtype, shape: x.shape }], {}, domain)[0]!;
}

export function isAllReduce(node: Node): boolean {
  return node.domain === domain;
}
