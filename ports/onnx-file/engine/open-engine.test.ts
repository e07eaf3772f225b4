import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../../harness/support/package-root.js';
import { encodeModel } from '../../../onnx/model-proto.js';
import { openEngine } from './open-engine.js';

t.setTimeout(300_000);

const shape = [2, 3];
const dim = shape.map((size) => ({ dimValue: BigInt(size) }));
const floatsOf = (name: string) => ({ name, type: { tensorType: { elemType: 1, shape: { dim } } } });
const bytes = encodeModel({
  irVersion: 8n,
  opsetImport: [{ domain: '', version: 17n }],
  graph: {
    name: 'two',
    node: [
      { opType: 'Relu', input: ['x'], output: ['first'] },
      { opType: 'Neg', input: ['first'], output: ['second'] },
    ],
    input: [floatsOf('x')],
    output: [floatsOf('first'), floatsOf('second')],
  },
});
const input = { name: 'x', dtype: 'f4', shape };
const outputs = ['first', 'second'].map((name) => ({ name, shape }));

/** @param wrong see engine-for-tests.ts */
async function give(wrong: string) {
  const program = join(packageRoot, 'dist', 'test', 'engine-for-tests.js');
  const command = `"${process.execPath}" "${program}" ${wrong}`;
  const engine = await openEngine({ name: 'exec:mine', command }, { device: 'cpu' });
  try {
    const { notGiven, run } = await engine.load({ bytes, inputs: [input], outputs });
    const values = await run([{ ...input, data: Float32Array.of(-1, 2, -3, 4, 5, -6) }]);
    return { notGiven, values, report: engine.report };
  } finally {
    await engine.close();
  }
}

t.test('an engine gives its outputs in their order, and says what it is', async (t) => {
  const { notGiven, values, report } = await give('');
  t.equal(notGiven.size, 0);
  t.strictSame([...values.keys()], ['first', 'second']);
  t.strictSame([...values.get('second')!.data], [-0, -2, -0, -4, -5, -0]);
  t.match(report, { engine: 'onnxruntime-node', device: 'cpu', provider: 'CPUExecutionProvider, f32' });
});

t.test('what it says it lost is not asked for', async (t) => {
  const { notGiven, values } = await give('lose');
  t.strictSame([...notGiven], ['second']);
  t.strictSame([...values.keys()], ['first']);
});

const wrongs: Readonly<Record<string, RegExp>> = {
  layout: /gave convolution of the self-test, one convolution, with element 0 wrong; check the layout/,
  crash: /it ended at load with /,
  refuse: /it failed at load: Error: the operator Conv is not here/,
  invent: /answered load with notGiven that is not a list of outputs that were asked for/,
  half: /it is now .*Provider, bf16, though f32 was asked for, and it was .*Provider, f32 before; one engine for all graphs is wanted/,
  fewer: /gave 1 outputs, and 2 were asked for; each is wanted/,
  order: /gave "second" as output 0; first is wanted, in the order that was asked for/,
  dtype: /gave output first as "f2"; f4 is wanted/,
  shape: /gave output first in the shape \[3\]; \[2, 3\] is wanted/,
  beyond: /gave output first as 24 bytes from 1099511627776 on, and its file has 48; the whole array is wanted/,
  unwritten: /answered run and did not write the file that it was to write/,
  link: /wrote a file that is a link that leaves the folder; a file within it is wanted/,
  chatter: /a line that is not a JSON object: warming up|a line that nobody asked for/,
};
for (const [wrong, message] of Object.entries(wrongs))
  t.test(`what an engine does wrong is an error that names it: ${wrong}`, (t) =>
    t.rejects(give(wrong), { name: 'EnvironmentError', message }),
  );

t.test('an engine that answers with another precision than it was asked for says so', async (t) => {
  const { report } = await give('always-half');
  t.equal(report.provider, 'CPUExecutionProvider, bf16, though f32 was asked for');
});
