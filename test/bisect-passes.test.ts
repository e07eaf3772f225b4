import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { bisectPasses } from '../harness/run/bisect/bisect-passes.js';
import { planRun } from '../harness/run/plan.js';
import { encodeModel, type GraphProto } from '../onnx/model-proto.js';
import { golden, tinyBundle } from './tiny-bundle.js';

const shape = [1, 3, 2, 2];
const floats = (name: string, dims: number[]) => ({
  name,
  type: { tensorType: { elemType: 1, shape: { dim: dims.map((size) => ({ dimValue: BigInt(size) })) } } },
});
const tensor = (name: string, dims: number[], values: number[]) => ({
  name,
  dims: dims.map(BigInt),
  dataType: 1,
  rawData: new Uint8Array(Float32Array.from(values).buffer),
});

/** y = image + large, in a convolution; logits = y + `second`. In float32 the first addition keeps few digits. */
function fileOf(t: Test, large: number, second: number): string {
  const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const graph: GraphProto = {
    name: 'sum',
    input: [floats('image', shape)],
    output: [floats('logits', shape)],
    initializer: [
      tensor('weight', [3, 3, 1, 1], identity),
      tensor('bias', [3], [large, large, large]),
      tensor('second', [1, 3, 1, 1], [second, second, second]),
    ],
    node: [
      { opType: 'Conv', name: 'conv', input: ['image', 'weight', 'bias'], output: ['y'] },
      { opType: 'Add', name: 'add', input: ['y', 'second'], output: ['logits'] },
    ],
  };
  const path = join(t.testdir(), 'sum.onnx');
  writeFileSync(path, encodeModel({ irVersion: 8n, opsetImport: [{ version: 17n }], graph }));
  return path;
}

/** What the graph gives as it stands, every sum rounded to float32. */
function bundleOf(large: number, second: number) {
  const { inputs } = tinyBundle();
  const image = inputs.get('image')!.data as Float32Array;
  return tinyBundle({
    probes: [
      golden(
        'logits',
        image.map((x) => Math.fround(Math.fround(x + large) + second)),
      ),
    ],
  });
}

async function bisect(t: Test, large: number, second: number, of = [large, second] as const) {
  const lines: string[] = [];
  const plan = planRun({ ports: [resolvePort(fileOf(t, ...of))], bundles: [bundleOf(large, second)] });
  return { agrees: await bisectPasses(plan, (line) => lines.push(line)), lines };
}

t.test('a rule that adds two constants first is named, with the error with it and without', async (t) => {
  const { agrees, lines } = await bisect(t, 2 ** 20, -(2 ** 20));
  t.equal(agrees, false);
  t.match(lines, [/^disabled +agrees {2}logits 0× noise, largest 0×$/, /^basic +fails {3}logits \S+× noise/]);
  t.match(
    lines.join('\n'),
    /\noutputs differ from the level basic on: logits .*; logits 0× noise, largest 0× before it\n/,
  );
  t.match(lines.join('\n'), /\nwithout Level1_RuleBasedTransformer +agrees .*\n {2}without ConvAddFusion +agrees/);
  t.match(
    lines.at(-1),
    /^fail {2}ConvAddFusion of Level1_RuleBasedTransformer makes the difference: logits \S+× noise, largest \S+× with it, logits 0× noise, largest 0× without$/,
  );
});

t.test('where no level changes a bit, nothing differs', async (t) => {
  const { agrees, lines } = await bisect(t, 1, 0.5);
  t.equal(agrees, true);
  t.match(
    lines.at(-1),
    /^pass {2}(nothing differs: the outputs are the same to the last bit at every level|optimisation changes last bits)/,
  );
});

t.test('a file that is wrong without optimisation is not blamed on it', async (t) => {
  const { agrees, lines } = await bisect(t, 2 ** 20, -(2 ** 20), [2 ** 20, -(2 ** 20) + 1]);
  t.equal(agrees, false);
  t.match(lines.at(-1), /^fail {2}it fails without optimisation, too: logits .*Fix: npx tipcheck judge/);
});

t.test('what is no file of a graph, and a bundle of training, are refused', async (t) => {
  const module = join(t.testdir({ 'port.mjs': '' }), 'port.mjs');
  const plan = (bundle = tinyBundle(), path = module) => planRun({ ports: [resolvePort(path)], bundles: [bundle] });
  await t.rejects(
    bisectPasses(plan(), () => undefined),
    {
      message: /nobody can choose how it is optimised; an \.onnx file is wanted$/,
    },
  );
  const train = plan(tinyBundle({ phase: 'train' }), fileOf(t, 1, 1));
  await t.rejects(
    bisectPasses(train, () => undefined),
    { message: /tiny: it is a bundle of training/ },
  );
});
