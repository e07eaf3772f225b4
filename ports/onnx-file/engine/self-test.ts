import type { Float32NdArray } from '../../../harness/contract/nd-array.js';
import { dataTypes, encodeModel, type NodeProto } from '../../../onnx/model-proto.js';
import type { EngineGraph, LoadedGraph } from './engine.js';

/**
 * One convolution 3 × 3 and a Relu of it, both outputs. Channels are no multiple of four and height is not width, so
 * that an array that is read in another layout, or another output in its place, shows. All numbers are small integers,
 * which every precision holds.
 */
export async function testConvolution(
  load: (graph: EngineGraph) => Promise<LoadedGraph>,
  broken: (what: string) => Error,
): Promise<void> {
  const graph = await load({
    bytes: encodeModel(model),
    inputs: [{ name: 'x', dtype: 'f4', shape: inputShape }],
    outputs: outputNames.map((name) => ({ name, shape: outputShape })),
  });
  const [lost] = graph.notGiven;
  if (lost !== undefined) throw broken(`says that it does not give ${lost} of the self-test, which is an output`);
  const values = await graph.run([{ name: 'x', dtype: 'f4', shape: inputShape, data: image }]);
  const convolved = convolve();
  const expected = { convolution: convolved, positive: convolved.map((one) => Math.max(0, one)) };
  for (const name of outputNames) {
    const wrong = differs(values.get(name)!, expected[name]);
    if (wrong !== null)
      throw broken(
        `gave ${name} of the self-test, one convolution, with element ${wrong} wrong; check the layout of what it reads and gives, [batch, channels, height, width] in C order, and which output is which`,
      );
  }
}

const outputNames = ['convolution', 'positive'] as const;
const inputShape = [1, 3, 5, 7];
const kernelShape = [5, 3, 3, 3];
const outputShape = [1, 5, 5, 7];

const image = numbers(3 * 5 * 7, 7, 3);
const kernel = numbers(5 * 3 * 3 * 3, 5, 2);
const bias = Float32Array.of(3, -2, 1, 0, -4);

/** Integers from −`most` to `most`, in no order. */
function numbers(count: number, factor: number, most: number): Float32Array {
  return Float32Array.from({ length: count }, (_, at) => ((at * at * factor + at * 11) % (2 * most + 1)) - most);
}

function tensor(name: string, shape: readonly number[], data: Float32Array) {
  return {
    ...{ name, dims: shape.map(BigInt), dataType: dataTypes.float32 },
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function value(name: string, shape: readonly number[]) {
  const dim = shape.map((size) => ({ dimValue: BigInt(size) }));
  return { name, type: { tensorType: { elemType: dataTypes.float32, shape: { dim } } } };
}

const integers = (name: string, ...ints: number[]) => ({ name, ints: ints.map(BigInt), type: 7 });
const node: NodeProto[] = [
  {
    ...{ name: 'convolution', opType: 'Conv', input: ['x', 'kernel', 'bias'], output: ['convolution'] },
    attribute: [
      ...[integers('kernel_shape', 3, 3), integers('pads', 1, 1, 1, 1)],
      ...[integers('strides', 1, 1), integers('dilations', 1, 1)],
      { name: 'group', i: 1n, type: 2 },
    ],
  },
  { name: 'positive', opType: 'Relu', input: ['convolution'], output: ['positive'] },
];

const model = {
  irVersion: 8n,
  producerName: 'tipcheck',
  opsetImport: [{ domain: '', version: 17n }],
  graph: {
    ...{ name: 'self-test', node },
    initializer: [tensor('kernel', kernelShape, kernel), tensor('bias', [5], bias)],
    input: [value('x', inputShape)],
    output: outputNames.map((name) => value(name, outputShape)),
  },
};

function convolve(): Float32Array {
  const [, channels, height, width] = inputShape as [number, number, number, number];
  return Float32Array.from({ length: 5 * height * width }, (_, at) => {
    const [to, y, x] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
    let sum = bias[to]!;
    for (let c = 0; c < channels; c++)
      for (let dy = 0; dy < 3; dy++)
        for (let dx = 0; dx < 3; dx++) {
          const [row, column] = [y + dy - 1, x + dx - 1];
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          sum += image[(c * height + row) * width + column]! * kernel[((to * channels + c) * 3 + dy) * 3 + dx]!;
        }
    return sum;
  });
}

/** The first element that is wrong; null: none. Half precisions round what lies between the integers. */
function differs({ data }: Float32NdArray, expected: Float32Array): number | null {
  const at = expected.findIndex((one, place) => !(Math.abs(data[place]! - one) <= 0.5));
  return at < 0 ? null : at;
}
