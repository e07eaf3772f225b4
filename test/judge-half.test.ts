import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { resolveWeights } from '../harness/golden/weights.js';
import { timesNoise } from '../harness/result/record/case-result.js';
import type { Result } from '../harness/result/record/result.js';
import { editModel, makeHalf } from '../onnx/edit-for-tests.js';
import type { GraphProto } from '../onnx/model-proto.js';
import { exportModel } from '../ports/ort/export-model.js';
import { tipcheck } from './tools-for-tests.js';

t.setTimeout(600_000);

const folder = t.testdir();
const bundle = await readBundle(resolveBundleFolder('segnext-t'));
const weights = resolveWeights(bundle);
const layered = await exportModel(bundle.model, weights, { draws: 'input', layers: true, origin: new Map() });

async function judge(name: string, edit: (graph: GraphProto) => void, ...more: string[]) {
  await writeFile(join(folder, `${name}.onnx`), editModel(layered, edit));
  const run = await tipcheck(['judge', `${name}.onnx`, 'segnext-t', '--report', name, ...more], folder);
  const result = JSON.parse(await readFile(join(folder, name, 'result.json'), 'utf8')) as Result;
  return { ...run, found: result.cases[0]! };
}

t.test('by the noise of fp16 a file of float16 agrees, and each of its layers on its own', async (t) => {
  for (const ends of [true, false]) {
    const { exitCode, stdout, stderr, found } = await judge(
      `clean-${ends}`,
      (graph) => makeHalf(graph, ends),
      ...['--precision', 'fp16'],
    );
    t.equal(exitCode, 0, stdout + stderr);
    t.match(stdout, / in fp16 +353 probes /);
    t.match(
      stdout,
      `computes in   float16 ${ends ? 'throughout' : 'inside'} (fp16); on the processor most of it in float32, between casts\n`,
    );
    t.match(stdout, "weights       the file's own: 519 of 519 compared, equal to the bundle's rounded to float16\n");
    t.equal(found.measurements.filter(({ own }) => own?.verdict === 'pass').length, 352);
    const multiples = found.measurements.map((one) => timesNoise(one)!);
    t.ok(Math.max(...multiples) > 0.5, 'it errs about as much as the reference does in fp16');
  }
});

t.test('by the limits of float32 it disagrees, and the other profile is offered', async (t) => {
  const { exitCode, stdout } = await judge('without', (graph) => makeHalf(graph, true));
  t.equal(exitCode, 1);
  t.match(
    stdout,
    'computes in   float16 throughout (fp16); on the processor most of it in float32, between casts; judged by the limits of float32, and --precision fp16 judges by those of fp16\n',
  );
});

const faults: Record<string, [layer: string, edit: (graph: GraphProto) => void]> = {
  'another epsilon in a norm': [
    'backbone.norm3',
    (graph) => {
      const norm = graph.node!.find(({ input }) => input!.includes('backbone.norm3.weight'))!;
      norm.attribute!.find(({ name }) => name === 'epsilon')!.f = 0.1;
    },
  ],
  'align_corners in one resize': [
    'decode_head.squeeze._conv',
    (graph) => {
      const { attribute } = graph.node!.find(({ opType }) => opType === 'Resize')!;
      attribute!.find(({ name }) => name === 'coordinate_transformation_mode')!.s = Buffer.from('align_corners');
    },
  ],
};
for (const [fault, [layer, edit]] of Object.entries(faults))
  t.test(`${fault} is found in float16 at its layer`, async (t) => {
    const spoil = (graph: GraphProto) => {
      edit(graph);
      makeHalf(graph, true);
    };
    const { exitCode, stdout, found } = await judge(layer, spoil, '--precision', 'fp16');
    t.equal(exitCode, 1);
    t.equal(found.firstFault, layer, stdout);
    t.equal(found.firstFaultBy, 'own');
  });
