import t from 'tap';
import { newEmitter } from '../gradients/emitter.js';
import { addAllReduce } from './all-reduce.js';
import { newBuilder } from './builder.js';
import { cutIntoStages, type Stage } from './cut-into-stages.js';
import { newGraph } from './graph.js';

function open() {
  const graph = newGraph();
  const emitter = newEmitter(newBuilder(graph));
  return { graph, emitter, x: emitter.builder.input('x', [2, 3]), y: emitter.builder.input('y', [2, 3]) };
}

function describe({ graph, left, sums }: Stage) {
  return {
    inputs: graph.inputs.map(({ name }) => name),
    nodes: graph.nodes.map(({ op }) => op),
    outputs: [...graph.outputs.keys()],
    left: [...left].map(({ name }) => name),
    sums: sums.map(({ share, total }) => [share.name, total.name]),
  };
}

t.test('a graph without sums is one stage, with the inputs that it reads', (t) => {
  const { graph, emitter, x } = open();
  graph.outputs.set('twice', emitter.add(x, x));
  t.strictSame(cutIntoStages(graph).map(describe), [
    { inputs: ['x'], nodes: ['Add'], outputs: ['twice'], left: [], sums: [] },
  ]);
  t.end();
});

t.test('what reads a total is of the next stage, and finds there what it reads from before', (t) => {
  const { graph, emitter, x, y } = open();
  const square = emitter.mul(x, x);
  const total = addAllReduce(emitter.builder, emitter.sum(square, [1]));
  const early = emitter.unary('Neg', y);
  graph.outputs.set('result', emitter.add(emitter.div(square, total), early));
  t.strictSame(cutIntoStages(graph).map(describe), [
    {
      inputs: ['x', 'y'],
      nodes: ['Mul', 'ReduceSum', 'Neg'],
      outputs: ['ReduceSum', 'Mul', 'Neg'],
      left: ['ReduceSum', 'Mul', 'Neg'],
      sums: [['ReduceSum', 'AllReduce/0']],
    },
    { inputs: ['Mul', 'AllReduce/0', 'Neg'], nodes: ['Div', 'Add'], outputs: ['result'], left: [], sums: [] },
  ]);
  t.end();
});

t.test('sums that wait for nothing of each other are made together', (t) => {
  const { graph, emitter, x, y } = open();
  const totals = [x, y].map((value) => addAllReduce(emitter.builder, emitter.unary('Neg', value)));
  const second = addAllReduce(emitter.builder, emitter.mul(totals[0]!, totals[1]!));
  graph.outputs.set('result', second);
  const stages = cutIntoStages(graph).map(describe);
  t.strictSame(
    stages.map(({ sums }) => sums.length),
    [2, 1, 0],
  );
  t.strictSame(stages[2], { inputs: ['AllReduce/0.3'], nodes: [], outputs: ['result'], left: [], sums: [] });
  t.end();
});

t.test('another shape of a value is made again where it is read, and not handed on', (t) => {
  const { graph, emitter, x, y } = open();
  const square = emitter.mul(x, x);
  const flat = emitter.reshape(square, [6]);
  const total = addAllReduce(emitter.builder, emitter.unary('Neg', flat));
  graph.outputs.set('result', emitter.add(total, flat)).set('other', emitter.add(square, y));
  const [first, second] = cutIntoStages(graph).map(describe);
  t.strictSame(first!.left, ['Neg', 'Mul']);
  t.strictSame(second!.nodes, ['Reshape', 'Add', 'Add']);
  t.strictSame(second!.inputs, ['AllReduce/0', 'Mul', 'y']);
  t.end();
});

t.test('a share that others read, or that no node makes, is refused', (t) => {
  const read = open();
  const share = read.emitter.unary('Neg', read.x);
  read.graph.outputs.set('total', addAllReduce(read.emitter.builder, share)).set('share', share);
  t.throws(() => cutIntoStages(read.graph), { message: 'Neg, which is summed over ranks, is read by others' });
  const given = open();
  given.graph.outputs.set('total', addAllReduce(given.emitter.builder, given.x));
  t.throws(() => cutIntoStages(given.graph), { message: 'x, which is summed over ranks, is made by no node' });
  t.end();
});

t.test('whole numbers are not handed on', (t) => {
  const { graph, emitter, x } = open();
  const size = emitter.builder.addSizes('Shape', [x], 2);
  const total = addAllReduce(emitter.builder, emitter.unary('Neg', x));
  graph.outputs.set('result', emitter.builder.add('Reshape', [total, size], [2, 3]));
  t.throws(() => cutIntoStages(graph), { message: '/Shape is int64; stages hand on float32 alone' });
  t.end();
});
