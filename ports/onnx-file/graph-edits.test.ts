import t from 'tap';
import { float32NdArray } from '../../harness/contract/nd-array.js';
import { nameDraws, placeDraws } from '../../onnx/draws.js';
import { findImageInput, validateInputs } from '../../onnx/image-input.js';
import type { GraphProto } from '../../onnx/model-proto.js';
import { observeModel } from '../../onnx/observe.js';
import { findProbeTensor } from '../../onnx/probe-map.js';
import { listTensors } from '../../onnx/tensors.js';
import { placeWeights } from '../../onnx/weights.js';

const floats = (name: string, rank: number) => ({
  name,
  type: { tensorType: { elemType: 1, shape: { dim: Array.from({ length: rank }, () => ({})) } } },
});
const bytes = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

t.test("the bundle's weights go into initializers and Constant nodes of their names", async (t) => {
  const graph: GraphProto = {
    initializer: [{ name: 'a', dims: [2n], dataType: 1, floatData: [1, 2] }],
    node: [
      {
        opType: 'Constant',
        output: ['b'],
        attribute: [{ name: 'value', t: { dims: [1n], dataType: 1, rawData: bytes(3) } }],
      },
    ],
  };
  const weights = new Map([
    ['a', float32NdArray([2], Float32Array.of(5, 6))],
    ['b', float32NdArray([1], Float32Array.of(7))],
  ]);
  t.throws(() => placeWeights(graph, weights, 'm.onnx', { own: true }), {
    name: 'UserError',
    message:
      "Cannot judge m.onnx with its own weights: 2 of 2 differ from the bundle's (a, b); equal ones are wanted. Fix: npx tipcheck weights <bundle> --out w.npz, load w.npz into your model and export it again; or leave out --own-weights",
  });
  t.match(placeWeights(graph, weights, 'm.onnx').said, "the bundle's 2 in place of the file's own (--own-weights");
  t.match(placeWeights(graph, weights, 'm.onnx', { own: true }).said, "2 of 2 compared, equal to the bundle's");
  t.equal(graph.initializer![0]!.floatData, undefined, 'one form of the numbers is left');
});

t.test('a weight that is absent, of another shape or another type is refused by name', async (t) => {
  const weights = new Map([['a', float32NdArray([2], Float32Array.of(5, 6))]]);
  const put = (graph: GraphProto) => () => placeWeights(graph, weights, 'm.onnx');
  t.throws(put({ initializer: [{ name: 'A', dims: [2n], dataType: 1 }] }), {
    name: 'UserError',
    message:
      /^Cannot put the bundle's weights into m\.onnx: none of its weights is the bundle's, and none of 1 names are initializers there, a not;/,
  });
  t.throws(put({ initializer: [{ name: 'a', dims: [1n, 2n], dataType: 1 }] }), {
    message: /a is \[1, 2\] there; \[2\] is wanted/,
  });
  t.throws(put({ initializer: [{ name: 'a', dims: [2n], dataType: 16 }] }), {
    message: /a has ONNX's data type 16 there; float32 \(1\) or float16 \(10\) is wanted/,
  });
});

t.test('a draw is an input, takes the place of a tensor of its name, or of the only RandomUniform node', async (t) => {
  t.strictSame(placeDraws({ input: [floats('bases', 3)] }, ['bases'], 'm'), [
    { draw: 'bases', replaced: null, drawn: null },
  ]);

  const named: GraphProto = {
    node: [
      { opType: 'RandomUniform', name: 'r', output: ['u'] },
      { opType: 'Identity', name: 'i', input: ['u'], output: ['bases'] },
      { opType: 'Relu', input: ['bases'], output: ['y'] },
    ],
  };
  t.strictSame(placeDraws(named, ['bases'], 'm'), [{ draw: 'bases', replaced: 'Identity i', drawn: 'bases@drawn' }]);
  t.strictSame(named.node![1]!.output, ['bases@drawn']);
  t.strictSame(named.node![2]!.input, ['bases']);

  const only: GraphProto = {
    node: [
      { opType: 'RandomUniformLike', output: ['u'] },
      {
        opType: 'If',
        attribute: [
          {
            name: 'then_branch',
            g: { node: [{ opType: 'Relu', input: ['u'], output: ['v'] }], output: [{ name: 'v' }] },
          },
        ],
      },
      { opType: 'Relu', input: ['u'], output: ['y'] },
    ],
  };
  t.strictSame(placeDraws(only, ['bases'], 'm'), [{ draw: 'bases', replaced: 'RandomUniformLike u', drawn: 'u' }]);
  t.strictSame(only.node!.at(-1)!.input, ['bases']);
  t.strictSame(only.node![1]!.attribute![0]!.g!.node![0]!.input, ['bases'], 'in a branch, too');
  t.equal(only.input![0]!.name, 'bases');
});

t.test('an input of another name is a draw where the map says so, or where it alone takes the shape', async (t) => {
  const graph = (): GraphProto => ({
    input: [floats('x', 4), floats('b', 3), floats('c', 2)],
    node: [{ opType: 'Mul', input: ['x', 'b'], output: ['y'] }],
  });
  const draws = (...shape: number[]) => new Map([['bases', { shape }]]);
  const name = (shape: number[], map: [string, string][] = [], taken = ['x'], own = graph()) => {
    nameDraws(own, draws(...shape), new Map(map), taken, 'm.onnx');
    return [...own.input!.map((input) => input.name), own.node![0]!.input![1]];
  };
  t.strictSame(name([1, 8, 4]), ['x', 'bases', 'c', 'bases'], 'what reads it reads the new name');
  t.strictSame(name([1, 8, 4, 4]), ['x', 'b', 'c', 'b'], 'x is taken');
  t.strictSame(name([8]), ['x', 'b', 'c', 'b']);
  t.strictSame(name([1, 8, 4], [], ['x', 'b']), ['x', 'b', 'c', 'b']);
  t.strictSame(name([1, 8, 4], [['bases', 'c']]), ['x', 'b', 'bases', 'b']);
  const two = { ...graph(), input: [floats('x', 4), floats('b', 3), floats('d', 3)] };
  t.strictSame(name([1, 8, 4], [], ['x'], two), ['x', 'b', 'd', 'b'], 'either may be it');
  for (const wrong of ['x', 'nobody'])
    t.throws(() => name([1, 8, 4], [['bases', wrong]]), {
      name: 'UserError',
      message: `Cannot map the draw bases to ${wrong}: it is not an input of m.onnx that is left for it; one of its inputs (b, c) is wanted`,
    });
});

t.test('a draw is cast for readers of another type', async (t) => {
  const graph: GraphProto = {
    node: [
      { opType: 'RandomUniform', output: ['u'], attribute: [{ name: 'dtype', i: 11n, type: 2 }] },
      { opType: 'Relu', input: ['u'], output: ['y'] },
    ],
  };
  placeDraws(graph, ['bases'], 'm');
  t.match(graph.node![0], { opType: 'Cast', input: ['bases'], output: ['bases@cast'], attribute: [{ i: 11n }] });
  t.strictSame(graph.node!.at(-1)!.input, ['bases@cast']);
  const attribute = [{ name: 'dtype', i: 10n, type: 2 }];
  const half: GraphProto = {
    node: [
      { opType: 'RandomUniform', output: ['u'], attribute },
      { opType: 'Relu', input: ['u'], output: ['y'] },
    ],
  };
  placeDraws(half, ['bases'], 'm');
  t.strictSame(half.node!.at(-1)!.input, ['bases'], 'float16 is given as float16');
  t.equal(half.input![0]!.type!.tensorType!.elemType, 10);
  const to = [{ name: 'to', i: 10n, type: 2 }];
  const converted: GraphProto = {
    node: [
      { opType: 'RandomUniform', output: ['u'] },
      { opType: 'Cast', input: ['u'], output: ['v'], attribute: to },
      { opType: 'Identity', input: ['v'], output: ['bases'] },
      { opType: 'Relu', input: ['bases'], output: ['y'] },
    ],
  };
  placeDraws(converted, ['bases'], 'm');
  t.equal(converted.input![0]!.type!.tensorType!.elemType, 10, 'as a converter leaves it');
});

t.test('a draw without a place is refused', async (t) => {
  t.throws(() => placeDraws({ node: [] }, ['bases'], 'm.onnx'), {
    name: 'UserError',
    message:
      'Cannot run m.onnx: the model draws bases at random, and the file has no input of that name and no RandomUniform node; an input bases is wanted. Fix: an export that still draws (a simplifier makes constants of what an export of fixed sizes draws), or --map <file> with a line for the input',
  });
  const two: GraphProto = { node: ['u', 'v'].map((name) => ({ opType: 'RandomUniform', output: [name] })) };
  t.throws(() => placeDraws(two, ['bases'], 'm'), { message: /and 2 RandomUniform nodes of which none makes/ });
  const normal: GraphProto = { node: [{ opType: 'RandomNormal', output: ['u'] }] };
  t.throws(() => placeDraws(normal, ['bases'], 'm'), { message: /no RandomUniform node/ });
});

t.test('a draw of normal numbers takes the place of RandomNormal of its shape, and of nothing else', async (t) => {
  const graph = (opType: string, ints: bigint[] = [2n, 3n]): GraphProto => ({
    node: [{ opType, name: 'n', output: ['u'], attribute: [{ name: 'shape', ints, type: 7 }] }],
  });
  const place = (one: GraphProto) => placeDraws(one, ['bases'], 'm', () => [2, 3]);
  t.strictSame(place(graph('RandomNormal')), [{ draw: 'bases', replaced: 'RandomNormal n', drawn: 'u' }]);
  t.strictSame(place(graph('RandomNormal', [])), [{ draw: 'bases', replaced: 'RandomNormal n', drawn: 'u' }]);
  t.strictSame(place(graph('RandomNormalLike')), [{ draw: 'bases', replaced: 'RandomNormalLike n', drawn: 'u' }]);
  const none = { message: /draws bases at random, and the file has no input of that name and no RandomNormal node;/ };
  t.throws(() => place(graph('RandomNormal', [3n, 2n])), none);
  t.throws(() => place(graph('RandomUniform')), none);
  for (const [name, f] of [
    ['mean', 1],
    ['scale', 0.02],
  ] as const) {
    const other = graph('RandomNormal');
    other.node![0]!.attribute!.push({ name, f, type: 1 });
    t.throws(() => place(other), { message: /no RandomNormal \(mean 0, scale 1\) node;/ }, `another ${name}`);
  }
  const wide: GraphProto = { node: [{ opType: 'RandomUniform', output: ['u'], attribute: [{ name: 'low', f: -1 }] }] };
  t.throws(() => placeDraws(wide, ['bases'], 'm'), { message: /no RandomUniform \(from 0 to 1\) node/ });
});

t.test('the image goes to image, to x, or to the only input of floats with four axes', async (t) => {
  t.equal(findImageInput({ input: [floats('a', 4), floats('x', 4)] }, 'm').name, 'x');
  t.equal(findImageInput({ input: [floats('a', 4), floats('b', 3)] }, 'm').name, 'a');
  t.equal(findImageInput({ input: [floats('w', 4), floats('a', 4)], initializer: [{ name: 'w' }] }, 'm').name, 'a');
  t.throws(() => findImageInput({ input: [floats('a', 4), floats('b', 4)] }, 'm.onnx'), {
    name: 'UserError',
    message:
      'Cannot feed the image to m.onnx: of its inputs (a, b) 2 are floats of four axes and none is called image or x; one such is wanted',
  });
  t.throws(() => validateInputs({ input: [floats('a', 4), floats('mask', 2)] }, ['a'], 'm.onnx'), {
    message: /nothing is there for its input mask/,
  });
});

t.test('a probe is the mapped tensor, or the tensor of its name', async (t) => {
  const graph: GraphProto = { node: [{ output: ['p', 'q'] }], output: [{ name: 'q' }] };
  t.equal(findProbeTensor(listTensors(graph), new Map([['p', 'q']]), 'p'), 'q');
  t.equal(findProbeTensor(listTensors(graph), new Map(), 'p'), 'p');
  t.equal(findProbeTensor(listTensors(graph), new Map(), 'r'), null);
});

t.test('an observed model leaves the original as it was', async (t) => {
  const graph: GraphProto = {
    node: [
      { opType: 'Relu', input: ['x'], output: ['p'] },
      { opType: 'Relu', input: ['p'], output: ['y'] },
    ],
    output: [floats('y', 4)],
  };
  const before = structuredClone(graph);
  const observed = observeModel({ graph }, { outputs: ['p', 'y'], replaced: [{ tensor: 'p', rank: 4 }] }).graph!;
  t.strictSame(graph, before);
  t.strictSame(observed.node![1]!.input, ['p@replacement']);
  t.strictSame(observed.node![0]!.output, ['p']);
  t.strictSame(observed.output, [{ name: 'p' }, floats('y', 4)]);
  t.strictSame(observed.input!, [floats('p@replacement', 4)]);
});
