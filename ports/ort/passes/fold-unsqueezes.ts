import { removeDeadNodes } from '../../../onnx/graph.js';
import type { Builder } from '../graph/builder.js';
import { floats, replaceUses } from '../graph/rewrite.js';

/** A parameter that is given axes of size 1 becomes a constant of that shape: other passes look for those. */
export function foldUnsqueezes(builder: Builder): void {
  const { graph } = builder;
  for (const node of graph.nodes.filter(({ op }) => op === 'Unsqueeze')) {
    const [input] = node.inputs;
    const data = floats(input);
    const shape = node.outputs[0]!.shape;
    if (data === null || shape.includes(null)) continue;
    const reshaped = builder.constant(`${input!.name}.${shape.join('x')}`, shape as readonly number[], data);
    replaceUses(graph, node.outputs[0]!, reshaped);
  }
  removeDeadNodes(graph);
}
