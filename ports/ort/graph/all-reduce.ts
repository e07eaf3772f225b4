import type { Graph, Node, Value } from '../../../onnx/graph.js';
import type { Builder } from './builder.js';

/** Not an operator of ONNX: a session of several ranks brings it along (rank-session.ts). */
export const ranksDomain = 'tipcheck.ranks';

/**
 * The sum of `x` over all ranks, whose graphs must have as many of them in the same order; each bears its number there.
 */
export function addAllReduce(builder: Builder, x: Value): Value {
  const number = findAllReduces(builder.graph).length;
  return builder.addMany('AllReduce', [x], [{ dtype: x.dtype, shape: x.shape }], { number }, ranksDomain)[0]!;
}

/** In the order of their numbers. */
export function findAllReduces({ nodes }: Graph): readonly Node[] {
  return nodes.filter(isAllReduce);
}

export function isAllReduce({ domain }: Node): boolean {
  return domain === ranksDomain;
}
