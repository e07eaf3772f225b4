import t from 'tap';
import { cutModel, findOrigins } from './cut-graph.js';
import type { GraphProto, NodeProto } from './model-proto.js';

const node = (opType: string, input: string[], output: string): NodeProto => ({ opType, input, output: [output] });
const floats = (name: string, ...sizes: (bigint | string)[]) => ({
  name,
  type: {
    tensorType: {
      elemType: 1,
      shape: { dim: sizes.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size })) },
    },
  },
});

/** x → a = Relu, copy = Identity of a, b = Add of copy and w, c = Neg of b; `dead` leads nowhere. */
const graph: GraphProto = {
  node: [
    node('Relu', ['x'], 'a'),
    node('Identity', ['a'], 'copy'),
    node('Add', ['copy', 'w'], 'b'),
    node('Mul', ['a', 'unread'], 'dead'),
    node('Neg', ['b'], 'c'),
  ],
  initializer: [{ name: 'w' }, { name: 'unread' }],
  input: [floats('x', 'batch', 2n)],
  output: [floats('c')],
};
const shape = [1, 2];

t.test('sizes are fixed, outputs have types, and what leads to no output is not there', async (t) => {
  const outputs = ['a', 'c'].map((tensor) => ({ tensor, shape }));
  const cut = cutModel({ graph }, { outputs, replaced: [], inputs: new Map([['x', shape]]) }).graph;
  t.strictSame(cut.input, [floats('x', 1n, 2n)]);
  t.strictSame(cut.output, [floats('a', 1n, 2n), floats('c', 1n, 2n)]);
  t.strictSame(
    cut.node!.map(({ output }) => output![0]),
    ['a', 'copy', 'b', 'c'],
  );
  t.strictSame(cut.initializer, [{ name: 'w' }]);
});

t.test(
  'what reads a replaced tensor, under any of its names, reads the input; an input that nothing reads is gone',
  async (t) => {
    const replaced = ['a', 'c'].map((tensor) => ({ tensor, shape }));
    const cut = cutModel({ graph }, { outputs: [{ tensor: 'c', shape }], replaced, inputs: new Map() }).graph;
    t.strictSame(cut.input, [floats('a@replacement', 1n, 2n)]);
    t.strictSame(
      cut.node!.map(({ input, output }) => [...input!, ...output!]),
      [
        ['a@replacement', 'copy'],
        ['copy', 'w', 'b'],
        ['b', 'c'],
      ],
    );
  },
);

t.test('a copy leads to the tensor that a node makes; a ring ends', async (t) => {
  const copies = [node('Identity', ['x'], 'y'), node('Relu', ['y'], 'a'), node('Identity', ['a'], 'b')];
  const origin = findOrigins({ node: [...copies, node('Identity', ['b'], 'c')] });
  t.strictSame(['x', 'y', 'a', 'b', 'c'].map(origin), ['x', 'y', 'a', 'a', 'a']);
  const ring = findOrigins({ node: [node('Identity', ['q'], 'p'), node('Identity', ['p'], 'q')] });
  t.ok(['p', 'q'].includes(ring('p')));
});
