import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import type { SizeTrial } from '../../harness/contract/size-trial.js';
import { largerSize } from '../../onnx/free-sizes.js';
import {
  attributeTypes,
  dataTypes,
  encodeModel,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../../onnx/model-proto.js';
import { sizeConstantLister } from '../../onnx/size-constants.js';
import { createOnnxFilePort } from './port.js';

const [height, width] = [4, 8];
const image = float32NdArray(
  [1, 3, height, width],
  Float32Array.from({ length: 3 * height * width }, (_, at) => ((at * 37) % 101) / 50 - 0.9),
);
const limits = { relRms: 1e-6, maxOverRms: 1e-5 };

const input = (name: string, sizes: readonly (number | string)[]): ValueInfoProto => {
  const dim = sizes.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: BigInt(size) }));
  return { name, type: { tensorType: { elemType: dataTypes.float32, shape: { dim } } } };
};
const free = ['n', 3, 'h', 'w'];
const node = (opType: string, name: string, reads: string[], made: string, ...attribute: object[]): NodeProto => ({
  ...{ opType, name, input: reads, output: [made] },
  ...(attribute.length > 0 && { attribute }),
});
const ints = (name: string, values: number[]) => ({ name, ints: values.map(BigInt), type: attributeTypes.ints });
const sizes = (name: string, values: number[]): TensorProto => {
  const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { name, dims: [BigInt(values.length)], dataType: dataTypes.int64, rawData };
};

interface Trial {
  readonly nodes: NodeProto[];
  readonly constants?: TensorProto[];
  readonly image?: NdArray;
  readonly declared?: readonly (number | string)[];
  readonly inputs?: ValueInfoProto[];
  readonly draws?: Record<string, NdArray>;
  readonly given?: Record<string, NdArray>;
  readonly outputs?: readonly string[];
  /** Of the bundle. */
  readonly asked?: readonly string[];
}

async function trial(asked: Trial): Promise<readonly SizeTrial[]> {
  const path = join(t.testdir(), 'm.onnx');
  const graph = {
    name: 'm',
    node: asked.nodes,
    initializer: asked.constants ?? [],
    input: [input('image', asked.declared ?? free), ...(asked.inputs ?? [])],
    output: (asked.outputs ?? ['logits']).map((name) => ({
      ...{ name, type: { tensorType: { elemType: dataTypes.float32 } } },
    })),
  };
  writeFileSync(path, encodeModel({ irVersion: 8n, opsetImport: [{ version: 17n }], graph }));
  const port = await createOnnxFilePort(path, { device: 'cpu' });
  const loaded = await port.load({}, new Map());
  const inputs = new Map<string, NdArray>([['image', asked.image ?? image], ...Object.entries(asked.given ?? {})]);
  const draws = new Map(Object.entries(asked.draws ?? {}));
  try {
    return await loaded.trySizes!({
      inputs,
      draws,
      outputs: (asked.asked ?? ['logits']).map((name) => ({ name, limits })),
    });
  } finally {
    await loaded.dispose();
  }
}

const relu = node('Relu', 'act', ['image'], 'x');
const end = node('Relu', 'end', ['y'], 'logits');
const clean = { what: 'batch', untried: null, fault: null, node: null, outputs: [{ relRms: 0, maxOverRms: 0 }] };

t.test('free sizes are tried: a batch against single runs, and a larger image', async (t) => {
  const tried = await trial({ nodes: [node('Relu', 'act', ['image'], 'logits')] });
  t.match(tried, [
    { ...clean, image: [2, 3, 4, 8] },
    { what: 'size', image: [1, 3, 68, 72], untried: null, fault: null, node: null },
  ]);
  const [only, ...none] = await trial({
    nodes: [node('Relu', 'act', ['image'], 'logits')],
    declared: [1, 3, 4, 'w'],
  });
  t.match([only, none], [{ what: 'size', image: [1, 3, 4, 72], fault: null }, []]);
});

t.test('nothing is tried where all sizes are fixed', async (t) => {
  const nodes = [node('Relu', 'act', ['image'], 'logits')];
  t.strictSame(await trial({ nodes, declared: [1, 3, 4, 8] }), []);
});

t.test('what mixes the images of a batch is named', async (t) => {
  const mean = node('ReduceMean', 'mixer', ['x'], 'mean', ints('axes', [0]));
  const [batch, size] = await trial({ nodes: [relu, mean, node('Add', 'add', ['x', 'mean'], 'y'), end] });
  t.equal(batch!.node, 'ReduceMean mixer');
  t.ok(batch!.outputs[0]!.relRms > 0.1);
  t.match(size, { fault: null, node: null });
  const swapped = node('Gather', 'swap', ['x', 'order'], 'y', { name: 'axis', i: 0n, type: attributeTypes.int });
  const [first] = await trial({ nodes: [relu, swapped, end], constants: [sizes('order', [0, 0])], declared: free });
  t.match(first, { what: 'batch', node: /^Gather swap/ }, 'the first image for both');
});

t.test(
  'a batch that was baked in is named with its constant, where it stands and not where it is refused',
  async (t) => {
    const flat = node('Reshape', 'flat', ['x', 'baked'], 'f');
    const product = node('MatMul', 'product', ['f', 'w'], 'y');
    const w = { name: 'w', dims: [32n, 2n], dataType: 1, rawData: new Uint8Array(4 * 64) };
    const [batch] = await trial({ nodes: [relu, flat, product, end], constants: [sizes('baked', [3, -1]), w] });
    t.match(batch, {
      fault: /^onnxruntime-node \S+ refuses it$/,
      node: 'Reshape flat, whose sizes have the constant baked of [3, -1]',
    });
    const shape = [1, 3, -1, width];
    const [long] = await trial({
      nodes: [relu, node('Reshape', 'long', ['x', 'shape'], 'y'), end],
      constants: [sizes('shape', shape)],
    });
    t.match(long, {
      fault: 'it gives logits of [1, 3, 8, 8]; [2, 3, 4, 8] is wanted',
      node: 'Reshape long, whose sizes have the constant shape of [1, 3, -1, 8]',
    });
  },
);

t.test('a size that was baked in is named with its constant', async (t) => {
  const declared = [1, 3, 'h', 'w'];
  const sized = [sizes('to', [1, 3, height, width])];
  const resize = node('Resize', 'up', ['x', '', '', 'to'], 'y');
  t.match(await trial({ nodes: [relu, resize, end], constants: sized, declared }), [
    {
      fault: 'it gives logits of [1, 3, 4, 8]; [1, 3, 68, 72] is wanted',
      node: 'Resize up, whose sizes have the constant to of [1, 3, 4, 8]',
    },
  ]);
  const added = node('Add', 'add', ['x', 'r'], 'y');
  const nodes = [relu, { ...resize, output: ['r'] }, added, end];
  t.match(await trial({ nodes, constants: sized, declared }), [
    { fault: /refuses it$/, node: 'Resize up, whose sizes have the constant to of [1, 3, 4, 8]' },
  ]);
  const table = { name: 'table', dims: [1n, 3n, 4n, 8n], dataType: 1, rawData: new Uint8Array(4 * 96) };
  const positions = node('Add', 'positions', ['x', 'table'], 'y');
  t.match(await trial({ nodes: [relu, positions, end], constants: [table], declared }), [
    { fault: /refuses it$/, node: 'Add positions, whose sizes have the constant table of [1, 3, 4, 8]' },
  ]);
});

t.test('draws follow the batch as the file draws them', async (t) => {
  const bases = float32NdArray([1, 3, 1, 1], Float32Array.of(0.25, 0.5, 0.75));
  const times = node('Mul', 'times', ['image', 'u'], 'logits');
  const draws = { bases };
  const pooled = node('GlobalAveragePool', 'pool', ['image'], 'p');
  const like = [pooled, node('RandomUniformLike', 'draw', ['p'], 'u'), times];
  t.match(await trial({ nodes: like, draws }), [clean, { what: 'size', untried: null, fault: null }]);
  const fixed = [node('RandomUniform', 'draw', [], 'u', ints('shape', [1, 3, 1, 1])), times];
  t.match(await trial({ nodes: fixed, draws }), [clean, { untried: null, fault: null }], 'one draw for all images');
  const given = node('Mul', 'times', ['image', 'bases'], 'logits');
  for (const first of ['n', 1])
    t.match(await trial({ nodes: [given], inputs: [input('bases', [first, 3, 1, 1])], draws }), [
      clean,
      { fault: null },
    ]);
  const crossed = [node('ReduceMax', 'most', ['bases'], 'u', ints('axes', [0])), times];
  t.match(await trial({ nodes: crossed, inputs: [input('bases', ['n', 3, 1, 1])], draws }), [
    { node: 'ReduceMax most' },
    { fault: null },
  ]);
});

t.test('what is refused is a fault of the file, wherever it is met', async (t) => {
  const constants = [sizes('baked', [1, 3, height, width])];
  const view = (name: string) => node('Reshape', name, ['x', 'baked'], `of ${name}`);
  const sum = node('Add', 'sum', ['of a', 'of b'], 'y');
  for (const nodes of [
    [relu, view('a'), view('b'), sum, end],
    [relu, view('b'), view('a'), sum, end],
  ]) {
    const tried = await trial({ nodes, constants });
    t.strictSame(
      tried.map(({ untried }) => untried),
      [null, null],
    );
    for (const { fault } of tried) t.match(fault, /^(Cannot run .*m\.onnx: )?onnxruntime-node \S+ refuses it/);
  }
  const draws = { bases: float32NdArray([1, 3, 1, 1], Float32Array.of(0.25, 0.5, 0.75)) };
  const pooled = node('GlobalAveragePool', 'pool', ['of a'], 'p');
  const times = node('Mul', 'times', ['of a', 'u'], 'logits');
  const drawn = await trial({
    ...{ nodes: [relu, view('a'), pooled, node('RandomUniformLike', 'draw', ['p'], 'u'), times], constants, draws },
  });
  for (const [at, image] of ['[2, 3, 4, 8]', '[1, 3, 68, 72]'].entries()) {
    const { untried, fault } = drawn[at]!;
    t.equal(untried, null);
    t.match(fault, /^Cannot run .*m\.onnx: onnxruntime-node \S+ refuses it for an image /);
    t.ok(fault?.includes(image));
    t.notMatch(fault, /onnxruntime_src/);
  }
});

t.test('a map of a 64th of the image grows, and what divides both sizes divides the larger', (t) => {
  const of = (h: number, w: number) => largerSize([1, 3, h, w], { batch: false, height: true, width: true });
  t.strictSame(of(59, 91), [1, 3, 123, 155]);
  t.strictSame(of(48, 64), [1, 3, 112, 128]);
  t.strictSame(of(96, 96), [1, 3, 192, 192]);
  t.strictSame(of(1024, 2048), [1, 3, 2048, 3072]);
  t.end();
});

t.test('a map of logits in a size of its own must grow with the image', async (t) => {
  const declared = [1, 3, 'h', 'w'];
  const low = node('Resize', 'quarter', ['x', '', '', 'to'], 'y');
  t.match(await trial({ nodes: [relu, low, end], constants: [sizes('to', [1, 3, 2, 4])], declared }), [
    {
      fault: 'logits stays [1, 3, 2, 4] for an image of [1, 3, 68, 72]; a size that follows the image is wanted',
      node: 'Resize quarter, whose sizes have the constant to of [1, 3, 2, 4]',
    },
  ]);
  const half = node('MaxPool', 'half', ['x'], 'y', ints('kernel_shape', [2, 2]), ints('strides', [2, 2]));
  t.match(await trial({ nodes: [relu, half, end], declared }), [{ fault: null }], 'it grows');
  const pooled = node('GlobalAveragePool', 'pool', ['x'], 'y');
  t.match(await trial({ nodes: [relu, pooled, end], declared }), [{ fault: null }], 'no map');
});

t.test('outputs without a tensor are left out', async (t) => {
  const nodes = [node('Relu', 'act', ['image'], 'logits'), node('Neg', 'neg', ['image'], 'other')];
  const outputs = ['logits', 'other'];
  t.match(await trial({ nodes, outputs, asked: ['logits', 'aux_logits'] }), [
    { ...clean, outputs: [{ name: 'logits' }] },
    { what: 'size', untried: null, fault: null },
  ]);
  t.match(await trial({ nodes, outputs, asked: ['aux_logits'] }), [
    { untried: 'no output of the file is known to be aux_logits' },
    { untried: 'no output of the file is known to be aux_logits' },
  ]);
});

t.test('a constant that a file joins to itself again and again is read once', (t) => {
  const joined = (made: string, read: string): NodeProto => node('Concat', made, new Array(300).fill(read), made);
  const reshape = node('Reshape', 'r', ['x', 'c1'], 'y');
  const nodes = [joined('c4', 'k'), joined('c3', 'c4'), joined('c2', 'c3'), joined('c1', 'c2'), reshape];
  const list = sizeConstantLister({ name: 'm', node: nodes, initializer: [sizes('k', [4])], input: [], output: [] });
  t.strictSame(list(reshape), [{ name: 'k', values: [4] }]);
  t.end();
});

t.test('what cannot be tried is said', async (t) => {
  const nodes = [node('Relu', 'act', ['image'], 'logits')];
  const even = float32NdArray(image.shape, new Float32Array(image.data.length).fill(1));
  t.match(await trial({ nodes, image: even }), [
    { untried: 'the image of the bundle is its own mirror image' },
    { untried: null },
  ]);
  const scale = float32NdArray([1], Float32Array.of(2));
  const scaled = [node('Mul', 'times', ['image', 'scale'], 'logits')];
  t.match(await trial({ nodes: scaled, inputs: [input('scale', [1])], given: { scale } }), [
    { untried: 'what scale is there is not known' },
    { untried: 'what scale is there is not known' },
  ]);
});
