import { removeDeadNodes } from '../../../onnx/graph.js';
import type { Builder } from '../graph/builder.js';
import { floats, indexGraph } from '../graph/rewrite.js';
import { affineAfterConv, affineBeforeConv, affineOfBatchNorm, padsNothing } from './channel-affine.js';

/** Batch norms move into the convolution before them, and into each convolution after them that does not pad. */
export function foldBatchNorms(builder: Builder): void {
  const { graph } = builder;
  let index = indexGraph(graph);
  for (const norm of graph.nodes.filter((node) => node.op === 'BatchNormalization')) {
    const affine = affineOfBatchNorm(norm);
    if (affine === null) continue;
    const [input, output] = [norm.inputs[0]!, norm.outputs[0]!];
    const before = index.ownProducer(input, 'Conv');
    if (before !== undefined && floats(before.inputs[1]) !== null) {
      affineAfterConv(builder, before, affine);
      index.replaceUses(output, input);
      continue;
    }
    for (const after of index.consumers(output)) {
      if (after.op !== 'Conv' || after.inputs[0] !== output || floats(after.inputs[1]) === null) continue;
      if (!padsNothing(after)) continue;
      affineBeforeConv(builder, after, affine);
      after.inputs[0] = input;
    }
    index = indexGraph(graph);
  }
  removeDeadNodes(graph);
}
