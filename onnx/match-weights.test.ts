import t from 'tap';
import { type Float32NdArray, float32NdArray } from '../harness/contract/nd-array.js';
import { uniform } from '../harness/golden/seeded.js';
import { makeHalf } from './edit-for-tests.js';
import { matchWeights, type Naming } from './match-weights.js';
import type { GraphProto, TensorProto } from './model-proto.js';
import { placeWeights } from './weights.js';

const draw = (name: string, ...shape: number[]) =>
  float32NdArray(
    shape,
    Float32Array.from(
      uniform(
        1,
        name,
        shape.reduce((a, b) => a * b, 1),
      ),
      (u) => u + 0.5,
    ),
  );
const tensor = (name: string, { shape, data }: Float32NdArray): TensorProto => ({
  name,
  dims: shape.map(BigInt),
  dataType: 1,
  rawData: new Uint8Array(Float32Array.from(data).buffer),
});
const times = ({ shape, data }: Float32NdArray, factor: number) =>
  float32NdArray(
    shape,
    data.map((value) => value * factor),
  );

const bundle = new Map([
  ['conv.weight', draw('conv.weight', 4, 3, 3, 3)],
  ['conv.bias', draw('conv.bias', 4)],
  ['norm.weight', draw('norm.weight', 4)],
  ['norm.bias', draw('norm.bias', 4)],
  ['norm._mean', draw('norm._mean', 4)],
  ['norm._variance', draw('norm._variance', 4)],
  ['fc.weight', draw('fc.weight', 5, 6)],
]);
const torch: Naming = {
  title: 'PyTorch',
  names: new Map([...bundle.keys()].map((name) => [name, name.replace('_mean', 'running_mean')])),
};
const itself: Naming = { title: null, names: new Map([...bundle.keys()].map((name) => [name, name])) };

const graphOf = (weights: ReadonlyMap<string, Float32NdArray>, rename = (name: string) => name): GraphProto => ({
  initializer: [...weights].map(([name, array]) => tensor(rename(name), array)),
  node: [
    { opType: 'Conv', input: ['x', rename('conv.weight'), rename('conv.bias')], output: ['y'] },
    { opType: 'Relu', input: ['y'], output: ['z'] },
  ],
});
const states = (graph: GraphProto) =>
  [...matchWeights(graph, bundle, [itself, torch]).weights].map(([, { by, state }]) => `${by} ${state}`);
const all = (what: string) => [...bundle].map(() => what);
let foreign = 0;
const renamed = () => `w${foreign++}`;

/** As exporters fold a norm into the convolution before it. */
function fold(change: (weights: Map<string, Float32NdArray>) => void = () => undefined): GraphProto {
  const of = (name: string) => bundle.get(name)!.data;
  const scales = of('norm.weight').map((gain, at) => gain / Math.sqrt(of('norm._variance')[at]! + 1e-5));
  const { shape, data } = bundle.get('conv.weight')!;
  const biases = of('conv.bias').map((bias, at) => (bias - of('norm._mean')[at]!) * scales[at]! + of('norm.bias')[at]!);
  const weights = new Map([
    [
      'conv.weight',
      float32NdArray(
        shape,
        data.map((value, at) => value * scales[Math.floor(at / 27)]!),
      ),
    ],
    ['conv.bias', float32NdArray([4], biases)],
    ['fc.weight', bundle.get('fc.weight')!],
  ]);
  change(weights);
  return graphOf(weights);
}

t.test("weights are found by name: the bundle's, another code's, and after a common prefix", async (t) => {
  t.strictSame(states(graphOf(bundle)), all('name equal'));
  t.strictSame(states(graphOf(bundle, (name) => `module.model.${name}`)), all('name equal'));
  const theirs = graphOf(bundle, (name) => `net.${torch.names.get(name)}`);
  t.strictSame(states(theirs), all('name equal'));
  t.match(
    placeWeights(theirs, bundle, 'm', { namings: [torch] }).said,
    "the file's own: 7 of 7 compared (7 by name, the names PyTorch's after \"net.\"), equal to the bundle's",
  );
});

t.test('weights of foreign names are found by their values, transposed ones too', async (t) => {
  t.strictSame(states(graphOf(bundle, renamed)), all('value equal'));
  const { data } = bundle.get('fc.weight')!;
  const turned = float32NdArray(
    [6, 5],
    data.map((_, at) => data[(at % 5) * 6 + Math.floor(at / 5)]!),
  );
  const hwio = float32NdArray(
    [3, 3, 3, 4],
    bundle
      .get('conv.weight')!
      .data.map((_, at, own) => own[(at % 4) * 27 + (Math.floor(at / 4) % 3) * 9 + Math.floor(at / 12)]!),
  );
  const graph = graphOf(new Map([...bundle, ['fc.weight', turned], ['conv.weight', hwio]]), renamed);
  t.strictSame(states(graph), all('value equal'));
});

t.test('one that is nearly the weight is that weight, and differs', async (t) => {
  const graph = graphOf(new Map([...bundle, ['fc.weight', times(bundle.get('fc.weight')!, 1.01)]]), renamed);
  t.equal(states(graph).at(-1), 'value different');
  t.match(
    placeWeights(graph, bundle, 'm').said,
    /6 equal to the bundle's and 1 not \(fc\.weight\), the likely cause of what fails/,
  );
  const far = graphOf(new Map([...bundle, ['fc.weight', times(bundle.get('fc.weight')!, 2)]]), renamed);
  t.match(placeWeights(far, bundle, 'm').said, /6 of 7 compared .*; 1 could not be \(fc\.weight\)$/);
});

t.test('a convolution into which a norm was folded is compared with the folded value', async (t) => {
  const { said, folds } = placeWeights(fold(), bundle, 'm');
  t.match(said, /^the file's own: 7 of 7 compared .*norms folded into 1 convolution, equal to the bundle's$/);
  t.match(folds, [{ convolution: 'conv', norm: 'norm' }]);
  const scaled = fold((weights) => weights.set('conv.weight', times(weights.get('conv.weight')!, 1.01)));
  t.match(
    placeWeights(scaled, bundle, 'm').said,
    /1 equal to the bundle's and 6 not \(conv\.weight, conv\.bias, norm\.weight and 3 more\)/,
  );
  const lost = fold((weights) => weights.set('conv.bias', times(weights.get('conv.bias')!, 0)));
  t.match(
    placeWeights(lost, bundle, 'm').said,
    /4 equal to the bundle's and 3 not \(conv\.bias, norm\.bias, norm\._mean\)/,
  );
});

/** As a converter makes a file of float16. */
function halved(graph: GraphProto): GraphProto {
  makeHalf({ input: [], output: [], ...graph }, true);
  return graph;
}

t.test("weights that are the bundle's rounded to float16 are recognised, and others are not", async (t) => {
  const whole = /^the file's own: 7 of 7 compared( .*)?, equal to the bundle's rounded to float16$/;
  t.match(placeWeights(halved(graphOf(bundle)), bundle, 'm', { own: true }).said, whole);
  t.match(placeWeights(halved(graphOf(bundle, renamed)), bundle, 'm').said, whole, 'by value');
  const some = graphOf(bundle, renamed);
  halved({ initializer: some.initializer!.slice(0, 3) });
  t.match(placeWeights(some, bundle, 'm').said, /, equal to the bundle's \(3 of them rounded to float16\)$/);
  const scaled = halved(graphOf(new Map([...bundle, ['fc.weight', times(bundle.get('fc.weight')!, 1.01)]])));
  const said = /, 6 equal to the bundle's rounded to float16 and 1 not \(fc\.weight\), the likely cause of what fails$/;
  t.match(placeWeights(scaled, bundle, 'm').said, said);
  const next = halved(graphOf(bundle));
  next.initializer!.at(-1)!.rawData![0]! ^= 1;
  t.match(placeWeights(next, bundle, 'm').said, said, 'the half beside it is another number');
});

t.test('numbers that a converter raises so that float16 holds them are still those numbers', async (t) => {
  const { shape, data } = bundle.get('fc.weight')!;
  const small = float32NdArray(shape, data.slice().fill(-7.6e-8, 0, 1));
  const raised = float32NdArray(shape, data.slice().fill(-1e-7, 0, 1));
  const own = new Map([...bundle, ['fc.weight', small]]);
  const graph = halved(graphOf(new Map([...bundle, ['fc.weight', raised]])));
  t.match(placeWeights(graph, own, 'm').said, /, equal to the bundle's rounded to float16$/);
});

t.test('a fold that was rounded to float16 is recognised', async (t) => {
  t.match(
    placeWeights(halved(fold()), bundle, 'm').said,
    /into 1 convolution, equal to the bundle's rounded to float16$/,
  );
  const scaled = fold((weights) => weights.set('conv.weight', times(weights.get('conv.weight')!, 1.01)));
  t.match(placeWeights(halved(scaled), bundle, 'm').said, /1 equal to the bundle's rounded to float16 and 6 not /);
  const lost = fold((weights) => weights.set('conv.bias', times(weights.get('conv.bias')!, 0)));
  t.match(placeWeights(halved(lost), bundle, 'm').said, /4 equal .* and 3 not \(conv\.bias, norm\.bias, norm\._mean\)/);
});

t.test("the bundle's weights are put into float16 as float16", async (t) => {
  const graph = halved(graphOf(new Map([...bundle].map(([name, array]) => [name, times(array, 3)]))));
  const bits = graph.initializer!.find(({ name }) => name === 'fc.weight')!;
  bits.int32Data = [...new Uint16Array(Uint8Array.from(bits.rawData!).buffer)];
  delete bits.rawData;
  const { said } = placeWeights(graph, bundle, 'm');
  t.match(said, /^the bundle's 7 rounded to float16 in place of the file's own /);
  t.equal(bits.int32Data, undefined);
  t.strictSame(states(graph), all('name equal'));
});

t.test('a weight whose elements are all alike is no sign that the others are the same', async (t) => {
  const ones = new Map([...bundle, ['norm.weight', float32NdArray([4], Float32Array.of(1, 1, 1, 1))]]);
  const other = new Map([...ones].map(([name, array]) => [name, name === 'norm.weight' ? array : times(array, 3)]));
  t.match(placeWeights(graphOf(other), ones, 'm').said, "the bundle's 7 in place of the file's own (--own-weights");
});

t.test("with none of the bundle's weights and without all names a file is refused", async (t) => {
  const other = new Map([...bundle].map(([name, array]) => [name, times(array, 3)]));
  t.throws(() => placeWeights(graphOf(other, renamed), bundle, 'm.onnx'), {
    name: 'UserError',
    message: /^Cannot put the bundle's weights into m\.onnx: none of its weights is the bundle's, and none of 7 names/,
  });
  t.equal(
    placeWeights(graphOf(other, renamed), bundle, 'm.onnx', { own: true }).said,
    "the file's own: none of 7 could be compared with the bundle's",
    'nothing compared is not called equal',
  );
});

t.test('a map names weights', async (t) => {
  const graph = graphOf(
    new Map([...bundle, ['fc.weight', times(bundle.get('fc.weight')!, 2)]]),
    (name) => `own.${name}`,
  );
  const found = matchWeights(graph, bundle, [], new Map([['fc.weight', 'own.fc.weight']])).weights.get('fc.weight')!;
  t.match(found, { by: 'map', state: 'different' });
});
