import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Float32NdArray, float32NdArray } from '../harness/contract/nd-array.js';
import type { LoadedModel } from '../harness/contract/port.js';
import { EnvironmentError } from '../harness/support/errors.js';
import type { ModelDefinition } from '../models/model-definition.js';
import { encodeGraph } from '../onnx/encode-graph.js';
import { createOnnxFilePort } from '../ports/onnx-file/port.js';
import { buildModelGraph } from '../ports/ort/build-model-graph.js';
import { createPort as createOrtPort } from '../ports/ort/port.js';
import { createPort as createWasmPort } from '../ports/tfjs-wasm/port.js';

/**
 * logits = y + y with y = block(block(x)), where block(x) = relu(weight · x + bias), a 1×1 convolution of three
 * channels.
 */
const definition: ModelDefinition<null> = {
  types: ['Twice'],
  parse: () => null,
  parameters: () => new Map(Object.entries({ 'block.weight': [3, 3, 1, 1], 'block.bias': [3] })),
  exampleImage: () => [1, 3, 2, 2],
  draws: () => new Map(),
  forward(ops, _config, image) {
    const options = { stride: [1, 1], padding: [0, 0], groups: 1, bias: true } as const;
    const block = (x: typeof image) => ops.probe('block', ops.relu(ops.conv2d(x, 'block', options)));
    const y = block(block(image));
    return ops.probe('logits', ops.add(y, y));
  },
};
const models = { findModel: async () => definition as ModelDefinition<unknown> };

const weight = Float32Array.of(1, 0.5, 0, 0, 2, 0, 0.25, 0, 1);
const bias = Float32Array.of(0.5, -1, 0.25);
const weights = new Map(
  Object.entries({ 'block.weight': float32NdArray([3, 3, 1, 1], weight), 'block.bias': float32NdArray([3], bias) }),
);
const shape = [1, 3, 2, 2];
const image = float32NdArray(
  shape,
  Float32Array.from({ length: 12 }, (_, at) => at - 4),
);
const replacement = float32NdArray(shape, new Float32Array(12).fill(1));

/** [1, 3, 2, 2] → the same. */
function block({ data }: Float32NdArray): Float32NdArray {
  const value = (out: number, pixel: number) =>
    [0, 1, 2].reduce((sum, at) => sum + weight[3 * out + at]! * data[4 * at + pixel]!, bias[out]!);
  return float32NdArray(
    shape,
    data.map((_, at) => Math.max(0, value(at >> 2, at & 3))),
  );
}

const ports = {
  ort: async () => (await createOrtPort({ device: 'cpu' }, { ...models, newTape: refuse })).load({}, weights),
  'tfjs-wasm': async () => (await createWasmPort({ device: 'cpu' }, models)).load({}, weights),
  'an ONNX file': openFile,
};

/** The layered graph, as `tipcheck export --layers` writes it. */
async function openFile(): Promise<LoadedModel> {
  const path = join(t.testdir(), 'twice.onnx');
  const graph = buildModelGraph(definition, null, weights, { probes: ['logits'], named: true });
  writeFileSync(path, encodeGraph(graph, { producerVersion: '', metadata: new Map() }));
  return (await createOnnxFilePort(path, { device: 'cpu' })).load({}, weights);
}

function refuse(): never {
  throw new Error('nothing is trained here');
}

async function infer(model: LoadedModel, probes: readonly string[], replacements = new Map<string, Float32NdArray>()) {
  const found = new Map<string, number[]>();
  const request = { inputs: new Map([['image', image]]), draws: new Map(), probes, replacements };
  await model.infer(request, (name, { data }) => found.set(name, [...data]));
  return found;
}

for (const [name, open] of Object.entries(ports))
  t.test(`${name} records and replaces each call of a block that runs twice, under NAME#1 and NAME#2`, async (t) => {
    const model = await open();
    const [first, second] = [block(image), block(block(image))];
    const plain = await infer(model, ['block#1', 'block#2', 'logits']);
    t.strictSame(plain.get('block#1'), [...first.data]);
    t.strictSame(plain.get('block#2'), [...second.data]);
    t.strictSame(
      plain.get('logits'),
      [...second.data].map((value) => 2 * value),
    );
    t.strictSame((await infer(model, ['block#2', 'logits'])).get('block#2'), [...second.data]);

    const replaced = await infer(model, ['block#1', 'block#2'], new Map([['block#1', replacement]]));
    t.strictSame(replaced.get('block#1'), [...first.data], 'its own value is recorded before it is replaced');
    t.strictSame(replaced.get('block#2'), [...block(replacement).data], 'and the second call reads the replacement');
    await model.dispose();
  });

for (const name of ['ort', 'tfjs-wasm'] as const)
  t.test(`${name} refuses to record a block that runs twice by its name alone`, async (t) => {
    const model = await ports[name]();
    const message =
      'the model calls block more than once, so that it has no one output; block#1, block#2, … are wanted in its place';
    await t.rejects(infer(model, ['block', 'logits']), new EnvironmentError(message));
    await t.rejects(infer(model, ['logits'], new Map([['block', replacement]])), new EnvironmentError(message));
    await model.dispose();
  });
