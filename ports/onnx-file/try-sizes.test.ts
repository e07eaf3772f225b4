import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import type { SizeTrial } from '../../harness/contract/size-trial.js';
import {
  attributeTypes,
  dataTypes,
  encodeModel,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../../onnx/model-proto.js';
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
}

async function trial(asked: Trial): Promise<readonly SizeTrial[]> {
  const path = join(t.testdir(), 'm.onnx');
  const graph = {
    name: 'm',
    node: asked.nodes,
    initializer: asked.constants ?? [],
    input: [input('image', asked.declared ?? free), ...(asked.inputs ?? [])],
    output: [{ name: 'logits', type: { tensorType: { elemType: dataTypes.float32 } } }],
  };
  writeFileSync(path, encodeModel({ irVersion: 8n, opsetImport: [{ version: 17n }], graph }));
  const port = await createOnnxFilePort(path, { device: 'cpu' });
  const loaded = await port.load({}, new Map());
  const inputs = new Map<string, NdArray>([['image', asked.image ?? image], ...Object.entries(asked.given ?? {})]);
  const draws = new Map(Object.entries(asked.draws ?? {}));
  try {
    return await loaded.trySizes!({ inputs, draws, outputs: [{ name: 'logits', limits }] });
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
    { what: 'size', image: [1, 3, 8, 12], untried: null, fault: null, node: null },
  ]);
  const [only, ...none] = await trial({
    nodes: [node('Relu', 'act', ['image'], 'logits')],
    declared: [1, 3, 4, 'w'],
  });
  t.match([only, none], [{ what: 'size', image: [1, 3, 4, 16], fault: null }, []]);
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
      fault: 'it gives logits of [1, 3, 4, 8]; [1, 3, 8, 12] is wanted',
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
