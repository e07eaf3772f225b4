import t from 'tap';
import { findLogits } from './find-logits.js';
import type { GraphProto } from './model-proto.js';

const find = (graph: GraphProto, mapped: string | null = null) => findLogits(graph, mapped, 'm.onnx', 'name one');
const node = (opType: string, from: string, ...output: string[]) => ({ opType, input: [from], output });
const output = (name: string, elemType = 1) => ({ name, type: { tensorType: { elemType } } });

t.test('the logits are the mapped output, else the output logits, else the only one', async (t) => {
  t.equal(find({ output: [output('a'), output('logits')] }).name, 'logits');
  t.equal(find({ output: [output('a'), output('logits')] }, 'a').name, 'a');
  t.equal(find({ output: [output('out')] }).name, 'out');
});

t.test('an inner tensor called logits is never the logits', async (t) => {
  const graph = { node: [node('Gather', 'logits', 'out')], output: [output('out')] };
  t.match(find(graph), { name: 'out', holds: 'logits' });
  t.throws(() => find(graph, 'logits'), {
    name: 'UserError',
    message:
      'Cannot map logits to logits: it is not an output of m.onnx, and what users run is what is judged; one of its outputs (out) is wanted',
  });
});

t.test('of several outputs none of which is called logits, none is taken', async (t) => {
  t.throws(() => find({ node: [node('Relu', 'x', 'logits')], output: [output('a'), output('b')] }), {
    name: 'UserError',
    message: 'Cannot find the logits of m.onnx: its outputs are a, b; an output logits is wanted. Fix: name one',
  });
  t.throws(() => find({ output: [] }), { message: /: it has no outputs;/ });
});

t.test('labels and probabilities are told through what leaves them as they are', async (t) => {
  const through = ['Squeeze', 'Cast', 'Transpose', 'Identity', 'Resize'];
  for (const [ending, holds] of [
    ['ArgMax', 'labels'],
    ['Softmax', 'probabilities'],
    ['LogSoftmax', 'probabilities'],
    ['Sigmoid', 'probabilities'],
  ] as const) {
    const chain = through.map((opType, at) => node(opType, `t${at}`, `t${at + 1}`));
    const graph = { node: [node(ending, 'logits', 't0'), ...chain], output: [output(`t${through.length}`)] };
    t.match(find(graph), { holds, by: ending });
  }
});

t.test('whole numbers are labels, whatever makes them', async (t) => {
  t.match(find({ node: [node('Custom', 'x', 'y')], output: [output('y', 6)] }), { holds: 'labels' });
});

t.test('an inner Softmax, and the scores of a TopK, make no probabilities and no labels', async (t) => {
  const attention = { node: [node('Softmax', 'x', 'a'), node('MatMul', 'a', 'y')], output: [output('y')] };
  t.equal(find(attention).holds, 'logits');
  const top = { node: [node('TopK', 'x', 'values', 'indices')], output: [output('values'), output('indices', 7)] };
  t.equal(find(top, 'values').holds, 'logits');
  t.equal(find(top, 'indices').holds, 'labels');
});

t.test('a ring of nodes ends', async (t) => {
  const ring = { node: [node('Identity', 'a', 'b'), node('Identity', 'b', 'a')], output: [output('a')] };
  t.equal(find(ring).holds, 'logits');
});
