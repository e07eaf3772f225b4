import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { renderPdparams } from '../../harness/golden/render-pdparams.js';
import { packageRoot } from '../../harness/support/package-root.js';
import type { ReleasedModel } from '../../models/released-model.js';
import { planEvaluation } from '../config/evaluation-plan.js';
import { serveBytes, serveForTests } from '../fetch/server-for-tests.js';
import { initialWeights } from '../train/initial-weights.js';
import { readPaddleSegConfig } from '../yml/paddleseg-yml.js';
import { runTable, type TableOptions } from './val-table.js';

t.setTimeout(120_000);

const street = join(packageRoot, 'fixtures', 'street');
const tmp = t.testdir({});
const yml = `
val_dataset:
  type: Cityscapes
  dataset_root: nowhere
  mode: val
  transforms: [{type: Normalize}]
model:
  type: SegNeXt
  num_classes: 19
  decoder_cfg: {channels: 32, ham_channels: 32, ham_kwargs: {MD_R: 4}, dropout_rate: 0.1, align_corners: False}
  backbone: {type: MSCAN, embed_dims: [8, 8, 16, 16], depths: [1, 1, 1, 1], mlp_ratios: [2, 2, 2, 2]}
`;

t.test('weights are fetched, evaluated in three modes, and stand beside the published figures', async (t) => {
  const { output, written } = await run(t, { data: oneImage(t) });
  t.match(output, /of \d+ tensors from .+model\.pdparams, sha256 [0-9a-f]{64}/);
  t.match(
    output,
    /Model {3}Mode {5}mIoU % {2}Published {2}Difference\nnarrow {2}ss .+ 81\.04 .+\nnarrow {2}flip .+ 81\.20 .+\nnarrow {2}ms\+flip .+81\.43 .+\n/,
  );
  t.match(
    output,
    /The published figures are of the 500 images of Cityscapes val; these are of \d+.*, so no difference is given\.\n$/,
  );
  t.match(written, {
    port: 'ort',
    bases: 'uniform/1:5:bases',
    rows: [
      { model: 'narrow', mode: 'ss', publishedPercent: 81.04, differencePoints: null },
      { mode: 'flip' },
      { mode: 'ms+flip' },
    ],
  });
  const figures = written.rows.map(({ mIoU }: { mIoU: number }) => mIoU);
  t.equal(new Set(figures).size, 3, `the modes differ: ${figures.join(', ')}`);
  t.ok(figures.every((mIoU: number) => mIoU > 0 && mIoU < 1));
});

t.test('a table that broke off goes on, and gives what it would have given', async (t) => {
  const given = { data: street, save_dir: join(t.testdir({}), 'kept'), bases: 'random' };
  const whole = await run(t, given);
  const images = (mode: string) => join(given.save_dir, `narrow-${mode}`, 'images');
  t.equal(readdirSync(images('ss')).length, 8);
  rmSync(join(images('flip'), '0-3.json'));
  rmSync(join(given.save_dir, 'narrow-ms+flip'), { recursive: true });
  await t.rejects(run(t, given), {
    name: 'UserError',
    message: /it holds those of an evaluation already.* Fix: --resume/,
  });
  const rest = await run(t, { ...given, resume: true });
  t.match(rest.output, /narrow ss: mIoU \S+ of 8 images\. 8 of 8 images were evaluated before\./);
  t.match(rest.output, /narrow flip: mIoU \S+ of 8 images\. 7 of 8 images were evaluated before\./);
  t.match(rest.output, /narrow ms\+flip: mIoU \S+ of 8 images\. \d+\.\d+ s an image\./);
  t.same(rest.rows, whole.rows);
  await t.rejects(run(t, { data: street, resume: true }), { message: /^Cannot resume: no folder says what was done/ });
});

t.test('a data set that is not there is said before anything is fetched', async (t) => {
  const requests: unknown[] = [];
  await t.rejects(run(t, { data: join(street, 'none') }, requests), { name: 'UserError', message: /none/ });
  t.equal(requests.length, 0);
});

/** One street, so that nine forward passes are all. */
function oneImage(t: Test): string {
  const root = t.testdir({ leftImg8bit: { val: { street: {} } }, gtFine: { val: { street: {} } } });
  const name = readdirSync(join(street, 'leftImg8bit/val/street'))[0]!.replace('_leftImg8bit.png', '');
  for (const file of [
    `leftImg8bit/val/street/${name}_leftImg8bit.png`,
    `gtFine/val/street/${name}_gtFine_labelTrainIds.png`,
  ])
    copyFileSync(join(street, file), join(root, file));
  return root;
}

async function run(t: Test, options: Partial<TableOptions>, requests: unknown[] = []) {
  const folder = join(tmp, t.name.slice(0, 10));
  const config = join(folder, 'narrow.yml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(config, yml);
  const { model: section } = await planEvaluation(await readPaddleSegConfig(config), street);
  const server = await serveForTests(t);
  const weights = renderPdparams(await initialWeights(section, 1));
  server.answer((request, response) => {
    requests.push(request.url);
    serveBytes(weights)(request, response);
  });
  const model: ReleasedModel = {
    name: 'narrow',
    model: { type: 'SegNeXt' },
    config,
    weights: `${server.base}/model.pdparams`,
    trainLog: `${server.base}/train.log`,
    dataSet: { name: 'Cityscapes val', images: 500 },
    published: { ss: 81.04, flip: 81.2, 'ms+flip': 81.43 },
  };
  const json = join(folder, 'table.json');
  const written: string[] = [];
  const capture = t.capture(process.stdout, 'write', (text: string) => written.push(text) > 0);
  try {
    const defaults = { table: [], port: 'ort', device: 'cpu', num_workers: 0, bases: 'uniform/1:5:bases' } as const;
    await runTable({ ...defaults, models: [model], cache: folder, json, ...options }, process.env);
  } finally {
    capture.restore();
  }
  const table = JSON.parse(readFileSync(json, 'utf8'));
  return { output: written.join(''), written: table, rows: table.rows };
}
