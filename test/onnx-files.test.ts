import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'fast-png';
import t from 'tap';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { readEvalGolden } from '../harness/golden/read-eval-golden.js';
import { resolveWeights } from '../harness/golden/weights.js';
import { packageRoot } from '../harness/support/package-root.js';
import { argMax, editModel, endWith, reverseClasses, softmax } from '../onnx/edit-for-tests.js';
import { exportModel } from '../ports/ort/export-model.js';
import { tipcheck } from './tools-for-tests.js';

t.setTimeout(600_000);

const golden = await readEvalGolden('street');
const folder = t.testdir();
const picture = join(packageRoot, 'fixtures/street/leftImg8bit/val/street/street_000001_000019_leftImg8bit.png');
const rightLabels = golden.modes[0]!.images[1]!.labels;
const text = await readFile(join(packageRoot, 'fixtures/eval/street/segnext_street.yml'), 'utf8');
await writeFile(join(folder, 's.yml'), text.replaceAll('fixtures/street', join(packageRoot, 'fixtures', 'street')));
const ours = ['--config', 's.yml', '--model_path', golden.weightsPath];
t.equal((await tipcheck(['export', ...ours, '--save_dir', 'd'], folder)).exitCode, 0);
const exported = await readFile(join(folder, 'd', 'model.onnx'));
await writeFile(
  join(folder, 'reversed.onnx'),
  editModel(exported, (graph) => reverseClasses(graph, 19)),
);
await writeFile(
  join(folder, 'argmax.onnx'),
  editModel(exported, (graph) => endWith(graph, argMax, 7)),
);
await writeFile(
  join(folder, 'softmax.onnx'),
  editModel(exported, (graph) => endWith(graph, softmax)),
);

const run = (command: string, file: string, ...more: string[]) =>
  tipcheck([command, '--config', 's.yml', '--model_path', file, ...more], folder);
const maskOf = async (path: string) => [...decode(await readFile(join(folder, path))).data];

t.test('val, predict and infer give what the output of the file gives', async (t) => {
  const { stdout, exitCode, stderr } = await run('val', 'argmax.onnx', '--json', 'found.json');
  t.equal(exitCode, 0, stderr);
  t.match(stdout, /graph and weights from argmax\.onnx; it gives labels \(ArgMax\), which are used as they are/);
  const found = JSON.parse(await readFile(join(folder, 'found.json'), 'utf8'));
  for (const [at, { confusion }] of golden.modes[0]!.images.entries()) t.same(found.images[at].confusion, confusion);

  const deploy = await readFile(join(folder, 'd', 'deploy.yaml'), 'utf8');
  for (const [file, wanted] of [
    ['argmax', [...rightLabels]],
    ['softmax', [...rightLabels]],
    ['reversed', [...rightLabels].map((label) => 18 - label)],
  ] as const) {
    const predicted = await run('predict', `${file}.onnx`, '--image_path', picture, '--save_dir', file);
    t.equal(predicted.exitCode, 0, predicted.stderr);
    t.same(await maskOf(`${file}/pseudo_color_prediction/street_000001_000019_leftImg8bit.png`), wanted, file);
    await writeFile(join(folder, 'd', `${file}.yaml`), deploy.replace('model: model.onnx', `model: ../${file}.onnx`));
    const args = ['infer', '--config', `d/${file}.yaml`, '--image_path', picture, '--save_dir', `i-${file}`];
    const inferred = await tipcheck(args, folder);
    t.equal(inferred.exitCode, 0, inferred.stderr);
    t.same(await maskOf(`i-${file}/street_000001_000019_leftImg8bit.png`), wanted, `infer of ${file}`);
  }
  const kept = [
    'infer',
    '--config',
    'd/argmax.yaml',
    '--image_path',
    picture,
    '--json',
    'i.json',
    '--keep_logits',
    '1',
  ];
  const { exitCode: code, stderr: refusal } = await tipcheck(kept, folder);
  t.equal(code, 2);
  t.match(refusal, /^Cannot keep logits: .*argmax\.onnx gives labels \(ArgMax\);/m);
});

t.test('what averages logits refuses labels and probabilities', async (t) => {
  for (const [file, options, said] of [
    ['argmax', ['--aug_eval', '--flip_horizontal'], 'flips and scales: argmax.onnx gives labels (ArgMax)'],
    ['softmax', ['--aug_eval', '--scales', '0.5'], 'flips and scales: softmax.onnx gives probabilities (Softmax)'],
    ['argmax', ['--is_slide', '--crop_size', '64', '64', '--stride', '64', '64'], 'windows: argmax.onnx gives labels'],
  ] as const) {
    const { exitCode, stderr } = await run('val', `${file}.onnx`, ...options);
    t.equal(exitCode, 2);
    t.match(stderr, `Cannot average over ${said}`);
  }
  const options = ['--aug_pred', '--flip_vertical', '--image_path', picture];
  const { exitCode, stderr } = await run('predict', 'argmax.onnx', ...options);
  t.equal(exitCode, 2);
  t.match(stderr, 'Cannot average over flips and scales: argmax.onnx gives labels (ArgMax), and only logits');
});

t.test('probabilities that no operator tells are told by their numbers', async (t) => {
  const hidden = editModel(exported, (graph) => {
    const node = (opType: string, input: string[], output: string) =>
      graph.node!.push({ opType, input, output: [output], attribute: [] });
    node('Exp', ['logits'], 'powers');
    graph.initializer!.push({
      name: 'one',
      dims: [1n],
      dataType: 7,
      rawData: new Uint8Array(BigInt64Array.of(1n).buffer),
    });
    node('ReduceSum', ['powers', 'one'], 'sums');
    node('Div', ['powers', 'sums'], 'shares');
    graph.output = [{ name: 'shares', type: { tensorType: { elemType: 1 } } }];
  });
  await writeFile(join(folder, 'hidden.onnx'), hidden);
  const { exitCode, stderr } = await run('val', 'hidden.onnx', '--aug_eval', '--flip_horizontal');
  t.equal(exitCode, 2);
  t.match(stderr, 'Cannot average over flips and scales: the network gives probabilities (numbers from 0 to 1');
});

t.test('labels of a network of more classes than the data set has are refused', async (t) => {
  const more = editModel(exported, (graph) => {
    endWith(graph, argMax, 7);
    const rawData = new Uint8Array(BigInt64Array.of(9n).buffer);
    graph.initializer!.push({ name: 'nine', dims: [], dataType: 7, rawData });
    endWith(graph, { opType: 'Add', input: ['label', 'nine'], output: ['more'] }, 7);
  });
  await writeFile(join(folder, 'more.onnx'), more);
  const { exitCode, stderr } = await run('val', 'more.onnx');
  t.equal(exitCode, 2);
  t.match(stderr, /the network gives the class \d+ and the data set has 19 classes, from 0; as many are wanted/);
});

t.test('a judge judges the output, and never labels', async (t) => {
  const bundle = await readBundle(resolveBundleFolder('segnext-t-odd'));
  const weights = resolveWeights(bundle);
  const layered = await exportModel(bundle.model, weights, { draws: 'input', layers: true, origin: new Map() });
  const judge = async (edit: Parameters<typeof editModel>[1]) => {
    await writeFile(join(folder, 'judged.onnx'), editModel(layered, edit));
    return tipcheck(['judge', 'judged.onnx', 'segnext-t-odd', '--json', 'judged.json'], folder);
  };
  t.equal((await judge(() => undefined)).exitCode, 0, 'it agrees as it is');
  const { exitCode } = await judge((graph) => reverseClasses(graph, 19));
  t.equal(exitCode, 1);
  const [found] = JSON.parse(await readFile(join(folder, 'judged.json'), 'utf8')).bundles;
  t.equal(found.first_fault, 'logits');
  const failed = found.probes.filter(({ verdict }: { verdict: string }) => verdict === 'fail');
  t.strictSame(
    failed.map(({ name }: { name: string }) => name),
    ['logits'],
    'all others agree',
  );
  const labelled = await judge((graph) => endWith(graph, argMax, 7));
  t.equal(labelled.exitCode, 2);
  t.match(labelled.stderr, /^Cannot judge \S*judged\.onnx: its output label gives labels \(ArgMax\), which hide/m);
  t.notMatch(labelled.stderr, /\n\s+at /, 'no stack trace');
});
