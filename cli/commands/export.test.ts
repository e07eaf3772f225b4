import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { writeWeightsFile } from '../../harness/golden/weights-file.js';
import { decodeModel } from '../../onnx/model-proto.js';
import { smallSection } from '../../ports/ort/small-model-for-tests.js';
import { seededModel } from '../../ports/tfjs-shared/seeded-model-for-tests.js';
import { commandRunner } from '../run-command-for-tests.js';
import { register } from './export.js';
import { register as registerInfer } from './infer.js';

const run = commandRunner(register, 'export');

const config = `model: ${JSON.stringify({ ...smallSection, pretrained: 'https://example.com/w.zip' })}\n`;

t.test('without weights they are seeded, whatever pretrained says, and the file says so', async (t) => {
  const folder = t.testdir({ 'c.yml': config });
  const out = join(folder, 'm.onnx');
  const text = await run(t, ['--config', join(folder, 'c.yml'), '--seed', '7', '--out', out]);
  t.match(
    text,
    /^weights: seeded numbers, seed 7, as no --model_path is given; pretrained \(https:\/\/example\.com\/w\.zip\) is not read\n/,
  );
  const metadata = metadataOf(out);
  t.equal(metadata.get('tipcheck.weights'), 'seeded uniform/1, seed 7');
  t.equal(metadata.get('tipcheck.config'), join(folder, 'c.yml'));
  t.match(metadata.get('tipcheck.config.sha256'), /^[0-9a-f]{64}$/);
});

t.test('a file of weights is put in, to the last bit', async (t) => {
  const folder = t.testdir({ 'c.yml': config });
  const { weights } = await seededModel(smallSection, [1, 3, 32, 32]);
  await writeWeightsFile(join(folder, 'w.safetensors'), weights);
  const out = join(folder, 'm.onnx');
  await run(t, [
    '--config',
    join(folder, 'c.yml'),
    '--model_path',
    join(folder, 'w.safetensors'),
    '--layers',
    '--out',
    out,
  ]);
  const initializers = new Map(decodeModel(readFileSync(out)).graph?.initializer?.map((one) => [one.name, one]));
  for (const [name, { data }] of weights) {
    t.ok(Buffer.from(data.buffer).equals(Buffer.from(initializers.get(name)?.rawData ?? [])), name);
  }
  t.match(metadataOf(out).get('tipcheck.weights.sha256'), /^[0-9a-f]{64}$/);
});

t.test('what cannot be exported is refused, and nothing is written', async (t) => {
  const folder = t.testdir({ 'c.yml': config, 'bad.yml': 'model: {type: SegNext, num_classes: 2}\n' });
  const { weights } = await seededModel(smallSection, [1, 3, 32, 32]);
  weights.delete('backbone.norm1.weight');
  await writeWeightsFile(join(folder, 'w.npz'), weights);
  const out = join(folder, 'm.onnx');
  const refuses = (argv: string[], message: RegExp) => t.rejects(run(t, argv), { name: 'UserError', message });
  await refuses(['--config', join(folder, 'bad.yml'), '--out', out], /Did you mean SegNeXt\?/);
  await refuses(['--config', join(folder, 'none.yml'), '--out', out], /there is no such file/);
  await refuses(
    ['--config', join(folder, 'c.yml'), '--model_path', join(folder, 'w.npz'), '--out', out],
    /^Cannot load the weights: backbone\.norm1\.weight is missing; \[16\] is wanted in .*w\.npz\. Fix: the yml that these weights were trained with$/,
  );
  await refuses(
    ['--config', join(folder, 'c.yml'), '--model_path', join(folder, 'none.npz'), '--out', out],
    /^Cannot read weights .*none\.npz: there is no such file; a file of weights is wanted$/,
  );
  await refuses(
    ['--config', join(folder, 'c.yml'), '--model_path', folder, '--out', out],
    /^Cannot read weights .* one of \.safetensors, \.npz, \.pdparams, \.pth, \.pt is wanted$/,
  );
  await refuses(
    ['--config', join(folder, 'c.yml'), '--out', join(folder, 'bad.yml', 'm.onnx')],
    /m\.onnx: a part of its folder is a file; a place that can be written is wanted$/,
  );
  await refuses(['--config', join(folder, 'c.yml'), '--out', join(folder, 'm.pb')], /\.onnx is wanted$/);
  t.notOk(existsSync(out));
});

t.test('bases whose shape depends on the image cannot be drawn inside the graph', async (t) => {
  const { decoder_cfg } = smallSection;
  const section = { ...smallSection, decoder_cfg: { ...decoder_cfg, ham_kwargs: { MD_R: 8, SPATIAL: false } } };
  const folder = t.testdir({ 'c.yml': '' });
  writeFileSync(join(folder, 'c.yml'), `model: ${JSON.stringify(section)}\n`);
  const argv = ['--config', join(folder, 'c.yml'), '--out', join(folder, 'm.onnx')];
  await t.rejects(run(t, [...argv, '--draws', 'random']), { name: 'UserError', message: /Fix: --draws input$/ });
  t.match(await run(t, argv), /m\.onnx: \d/);
});

function metadataOf(path: string): Map<string, string> {
  return new Map(decodeModel(readFileSync(path)).metadataProps?.map(({ key, value }) => [key, value]));
}

t.test('what tipcheck does not do is bad usage, as of train', async (t) => {
  for (const option of [['--output_op', 'argmax'], ['--for_fd']])
    await t.rejects(run(t, ['--config', 'c.yml', '--out', 'm.onnx', ...option]), {
      name: 'UserError',
      message: `Cannot export with ${option.join(' ')}: the graph gives logits, of which tipcheck infer takes the largest; a command without it is wanted`,
    });
  const infer = commandRunner(registerInfer, 'infer');
  await t.rejects(infer(t, ['--config', 'd', '--image_path', 'p', '--use_trt', 'True']), {
    name: 'UserError',
    message: 'Cannot infer with --use_trt True: there is no TensorRT here; a command without it is wanted',
  });
});

t.test("a folder of somebody else's export is left as it is", async (t) => {
  const theirs = 'Deploy:\n  model: model.pdmodel\n  params: model.pdiparams\n';
  const val = 'val_dataset:\n  type: Dataset\n  transforms:\n    - type: Normalize\n';
  const folder = t.testdir({ 'c.yml': `${config}${val}`, paddle: { 'deploy.yaml': theirs } });
  const { weights } = await seededModel(smallSection, [1, 3, 32, 32]);
  const file = join(folder, 'w.safetensors');
  await writeWeightsFile(file, weights);
  const args = ['--config', join(folder, 'c.yml'), '--model_path', file, '--save_dir'];
  await t.rejects(run(t, [...args, join(folder, 'paddle')]), {
    name: 'UserError',
    message:
      /^Cannot export to .*paddle: its deploy\.yaml is of no export of tipcheck and would be overwritten; a folder/,
  });
  t.equal(readFileSync(join(folder, 'paddle', 'deploy.yaml'), 'utf8'), theirs);
  t.notOk(existsSync(join(folder, 'paddle', 'model.onnx')));
  for (const time of ['first', 'second'])
    t.match(await run(t, [...args, join(folder, 'ours')]), 'The inference model is saved', `${time} export of ours`);
});
