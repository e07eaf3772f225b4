import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import { attributeTypes, dataTypes, encodeModel, type NodeProto, type ValueInfoProto } from '../../onnx/model-proto.js';
import { createOnnxFilePort } from './port.js';

const int32 = 6;
const scale = float32NdArray([1, 3], Float32Array.of(0.5, 1, 2));
const tokens: NdArray = { dtype: 'i8', shape: [1, 3], data: BigInt64Array.of(7n, 8n, 9n) };

const value = (name: string, elemType: number, size: number): ValueInfoProto => ({
  name,
  type: { tensorType: { elemType, shape: { dim: [{ dimValue: 1n }, { dimValue: BigInt(size) }] } } },
});
const toFloat: NodeProto = {
  ...{ opType: 'Cast', input: ['tokens'], output: ['numbers'] },
  attribute: [{ name: 'to', i: BigInt(dataTypes.float32), type: attributeTypes.int }],
};

/** logits = float(tokens) · scale */
async function openGraph(type: number) {
  const path = join(t.testdir(), 'tokens.onnx');
  const graph = {
    name: 'tokens',
    node: [toFloat, { opType: 'Mul', input: ['numbers', 'scale'], output: ['logits'] }],
    input: [value('tokens', type, 3), value('scale', dataTypes.float32, 3)],
    output: [value('logits', dataTypes.float32, 3)],
  };
  writeFileSync(path, encodeModel({ irVersion: 8n, opsetImport: [{ version: 17n }], graph }));
  const port = await createOnnxFilePort(path, { device: 'cpu' });
  return port.load({}, new Map());
}

async function infer(
  given: Record<string, NdArray>,
  type: number = dataTypes.int64,
  drawn: Record<string, NdArray> = {},
) {
  const found = new Map<string, number[]>();
  const model = await openGraph(type);
  const draws = new Map(Object.entries(drawn));
  const request = { inputs: new Map(Object.entries(given)), draws, replacements: new Map() };
  await model.infer({ ...request, probes: ['logits', 'numbers'] }, (name, { data }) => found.set(name, [...data]));
  await model.dispose();
  return found;
}

t.test("a bundle's inputs go to the graph's inputs of their names, as the types that these have", async (t) => {
  for (const type of [dataTypes.int64, int32]) {
    const found = await infer({ tokens, scale }, type);
    t.strictSame(found.get('numbers'), [7, 8, 9]);
    t.strictSame(found.get('logits'), [3.5, 8, 18]);
  }
});

t.test('inputs that do not fit the graph are refused by name', async (t) => {
  const wide: NdArray = { ...tokens, data: BigInt64Array.of(1n, 2n ** 40n, 3n) };
  for (const [given, type, name, why] of [
    [{ tokens }, dataTypes.int64, 'UserError', /nothing is there for its input scale; .* \(tokens\) alone are wanted$/],
    [
      { tokens, scale, mask: scale },
      ...[dataTypes.int64, 'UserError'],
      /^Cannot feed mask to .*: it has no input of that name \(its inputs are tokens, scale\); one is wanted$/,
    ],
    [
      { tokens: scale, scale },
      ...[dataTypes.int64, 'UserError'],
      /^Cannot feed tokens to .*: its input tokens is int64; one that takes f4 is wanted$/,
    ],
    [
      { tokens: wide, scale },
      int32,
      'EnvironmentError',
      /element 1 is 1099511627776, which its input of int32 cannot hold$/,
    ],
  ] as [Record<string, NdArray>, number, string, RegExp][])
    await t.rejects(infer(given, type), { name, message: why }, String(why));
});

t.test('two arrays never meet in one input of the graph', async (t) => {
  await t.rejects(infer({ tokens, scale }, dataTypes.int64, { scale }), {
    name: 'UserError',
    message: /^Cannot feed scale to .*: its input scale is there for scale already; an input for each is wanted$/,
  });
});
