import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode, encode } from 'fast-png';
import t from 'tap';
import { readOnnxModel } from '../onnx/read-model.js';
import { tipcheck, writeSmallConfig } from './tools-for-tests.js';

t.setTimeout(600_000);

const [height, width] = [48, 64];
const folder = t.testdir();
const random = (seed: number) => (at: number) => ((at + seed) * 2654435761) >>> 24;

async function writeGrey(name: string, pixels: (at: number) => number): Promise<void> {
  const data = Uint8Array.from({ length: height * width }, (_, at) => pixels(at));
  await writeFile(join(folder, name), encode({ width, height, channels: 1, depth: 8, data }));
}

for (let at = 0; at < 2; at++) {
  await writeGrey(`${at}.png`, random(at));
  await writeGrey(`${at}_label.png`, (pixel) => random(at)(pixel) % 3);
}
await writeFile(join(folder, 'all.list'), '0.png 0_label.png\n1.png 1_label.png\n');
/** Grey pictures, and a network for them. */
const grey = (text: string) =>
  text
    .replaceAll(/type: Cityscapes\n {2}dataset_root: .*/g, 'type: Dataset\n  dataset_root: .\n  num_classes: 3')
    .replaceAll(/( {2}mode: (train|val))/g, '$1\n  $2_path: all.list\n  img_channels: 1')
    .replaceAll(/mean: .*/g, 'mean: [0.5]')
    .replaceAll(/std: .*/g, 'std: [0.25]')
    .replace(/ {4}- type: RandomDistort\n/, '')
    .replace('embed_dims', 'in_channels: 1\n    embed_dims')
    .replace('num_classes: 19\n  decoder', 'num_classes: 3\n  decoder');
await writeSmallConfig(folder, grey);

async function run(t: Pick<typeof import('tap').t, 'equal'>, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await tipcheck(args, folder);
  t.equal(exitCode, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}
const mIoUOf = (stdout: string) => Number(/\[EVAL\] #Images: 2 mIoU: (\S+)/.exec(stdout)?.[1]);
const config = ['--config', 'small.yml'];
const weights = ['--model_path', 'ort/iter_2/model.pdparams'];

t.test('a network of one channel is trained, evaluated, exported, predicted and inferred on both ports', async (t) => {
  for (const port of ['ort', 'tfjs']) {
    const options = ['--iters', '2', '--do_eval', '--save_interval', '2', '--save_dir', port, '--port', port];
    t.ok(mIoUOf(await run(t, 'train', ...config, ...options)) >= 0, `${port} trains and evaluates`);
  }
  const stdout = await run(t, 'export', ...config, ...weights, '--save_dir', 'd');
  t.match(stdout, 'The inference model is saved in d');
  const { graph } = await readOnnxModel(join(folder, 'd', 'model.onnx'));
  t.equal(graph.input?.find(({ name }) => name === 'image')?.type?.tensorType?.shape?.dim?.[1]?.dimValue, 1n);
  t.match(await readFile(join(folder, 'd', 'deploy.yaml'), 'utf8'), /input_shape:\n {4}- -1\n {4}- 1\n/);

  const onnx = ['--model_path', 'd/model.onnx'];
  const found: number[] = [];
  for (const options of [[...weights, '--port', 'ort'], [...weights, '--port', 'tfjs'], onnx])
    found.push(mIoUOf(await run(t, 'val', ...config, ...options)));
  t.ok(
    found.every((one) => one === found[0] && one >= 0),
    `one mIoU from both ports and the file: ${found}`,
  );

  const masks: number[][] = [];
  for (const port of ['ort', 'tfjs']) {
    const picture = ['--image_path', '0.png', '--port', port, '--save_dir'];
    await run(t, 'predict', ...config, ...weights, ...picture, `p-${port}`);
    await run(t, 'infer', '--config', 'd/deploy.yaml', ...picture, `i-${port}`);
    for (const path of [`p-${port}/pseudo_color_prediction/0.png`, `i-${port}/0.png`])
      masks.push([...decode(await readFile(join(folder, path))).data]);
    const blended = decode(await readFile(join(folder, `p-${port}`, 'added_prediction', '0.png')));
    t.match(blended, { channels: 3, width, height });
  }
  for (const mask of masks) t.same(mask, masks[0]);
  t.ok(new Set(masks[0]).size > 1, 'the masks say something');
});

t.test('pictures with other channels than the network takes are refused before anything runs', async (t) => {
  const other = await readFile(join(folder, 'small.yml'), 'utf8');
  await writeFile(join(folder, 'other.yml'), other.replace('in_channels: 1', 'in_channels: 3'));
  const picture = ['--image_path', '0.png'];
  for (const args of [
    ['train', '--save_dir', 'nothing'],
    ['val', ...weights],
    ['predict', ...weights, ...picture],
  ]) {
    const { exitCode, stderr } = await tipcheck([...args, '--config', 'other.yml'], folder);
    t.equal(exitCode, 2, args.join());
    t.match(
      stderr,
      /^Cannot use other\.yml:\d+: its pictures have img_channels 1, and the model takes in_channels 3; as many are wanted\. Fix: img_channels: 3 in the data set/m,
    );
  }
  const { exitCode, stderr } = await tipcheck(
    ['export', ...config, ...weights, '--save_dir', 'e', '--input_shape', '1', '3', '48', '64'],
    folder,
  );
  t.equal(exitCode, 2);
  t.match(stderr, 'Cannot export with --input_shape 1 3 48 64: the model takes images of one channel; [batch, 1,');
});
