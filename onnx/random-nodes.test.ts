import t from 'tap';
import { describeNode } from './describe-node.js';
import type { GraphProto, NodeProto } from './model-proto.js';
import { listRandomNodes } from './random-nodes.js';

const bool = (name: string, value: 0 | 1) => ({ name, dataType: 9, dims: [], rawData: Uint8Array.of(value) });

function named(node: NodeProto[]): string[] {
  const graph: GraphProto = { node, initializer: [bool('yes', 1), bool('no', 0)] };
  return listRandomNodes(graph).map(describeNode);
}

t.test('nodes that draw are named, by their name or else by what they make', async (t) => {
  const types = ['RandomUniform', 'RandomNormal', 'RandomUniformLike', 'RandomNormalLike', 'Bernoulli', 'Multinomial'];
  t.strictSame(
    named(types.map((opType, at) => ({ opType, output: [`t${at}`] }))),
    types.map((type, at) => `${type} t${at}`),
  );
  t.strictSame(named([{ opType: 'Bernoulli', name: 'draw', output: ['t'] }]), ['Bernoulli draw']);
  t.strictSame(named([{ opType: 'Relu', output: ['t'] }]), []);
});

t.test('a Dropout is named where it trains, or may', async (t) => {
  const dropout = (...training: string[]): NodeProto => ({
    opType: 'Dropout',
    input: ['x', 'ratio', ...training],
    name: 'd',
  });
  t.strictSame(named([dropout()]), []);
  t.strictSame(named([dropout('')]), []);
  t.strictSame(named([dropout('no')]), []);
  t.strictSame(named([dropout('yes')]), ['Dropout d']);
  t.strictSame(named([dropout('an-input')]), ['Dropout d']);
});

t.test('a node that draws in the body of a loop is named', async (t) => {
  const g: GraphProto = { node: [{ opType: 'RandomNormal', name: 'inner' }] };
  t.strictSame(named([{ opType: 'Loop', attribute: [{ name: 'body', g }] }]), ['RandomNormal inner']);
});
