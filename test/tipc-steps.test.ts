import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { renderPdparams } from '../harness/golden/render-pdparams.js';
import { initialWeights } from '../pipeline/train/initial-weights.js';
import { readPaddleSegConfig } from '../pipeline/yml/paddleseg-yml.js';
import { makeFolder, runMode, stepsOf, verdictsOf } from './tipc-folder-for-tests.js';
import { tipcheck } from './tools-for-tests.js';

t.setTimeout(300_000);

const small = ['--port', 'ort', '--crop', '64x48'];

/** The weights that whole_infer expects. */
async function writeWeights(folder: string): Promise<void> {
  const { model } = (await readPaddleSegConfig(join(folder, 'small.yml'))).values;
  await mkdir(join(folder, 'trained'), { recursive: true });
  const weights = await initialWeights(model as Readonly<Record<string, unknown>>, 1);
  await writeFile(join(folder, 'trained', 'model.pdparams'), renderPdparams(weights));
}

const readLog = (folder: string, mode: string, name = 'results_python.log') =>
  readFile(join(folder, 'test_tipc', 'output', 'small', mode, name), 'utf8');

t.test('whole_infer exports the weights that are there, beside them as TIPC does, and infers', async (t) => {
  const folder = await makeFolder(t);
  await writeWeights(folder);
  const weights = await readFile(join(folder, 'trained', 'model.pdparams'));
  const { exitCode, result, stdout, stderr } = await runMode(folder, 'whole_infer', small);
  t.equal(exitCode, 0, `${stdout}\n${stderr}`);
  t.strictSame(verdictsOf(result), ['ort/1-export pass', 'ort/2-infer pass']);
  const [exported] = stepsOf(result);
  t.strictSame(
    exported!.artefacts.map(({ path }) => path),
    ['trained/model.onnx', 'trained/deploy.yaml'],
    'the weights are not a file that it made',
  );
  t.ok(weights.equals(await readFile(join(folder, 'trained', 'model.pdparams'))), 'and they are as they were');
  t.match(
    await readLog(folder, 'whole_infer'),
    '--model_path=./trained/model.pdparams --save_dir=./trained -   \u001b[0m\n',
    'the export has no log',
  );

  await t.test('paddle2onnx_infer of the same file exports, judges and infers by it', async (t) => {
    const onnx = await runMode(folder, 'paddle2onnx_infer', small);
    t.equal(onnx.exitCode, 0, onnx.stdout);
    t.strictSame(verdictsOf(onnx.result), ['ort/1-export pass', 'ort/2-infer pass']);
    t.match(onnx.stderr, /note: paddle2onnx is not run: tipcheck export writes ONNX itself/);
    t.notMatch(onnx.stderr, /TIPC tells step/, 'numbers of steps that are not in this plan');
    t.match(await readLog(folder, 'paddle2onnx_infer'), `${'-'.repeat(24)} paddle2onnx_infer ${'-'.repeat(24)}\n`);
  });
});

t.test('the eval step evaluates every picture with the weights that the row trained', async (t) => {
  const folder = await makeFolder(t, {
    eval: 'tools/val.py --config small.yml --device gpu --num_workers 2',
    norm_train: 'tools/train.py --config small.yml --seed 3',
    norm_export: 'null',
  });
  const { exitCode, result, stdout, stderr } = await runMode(folder, 'lite_train_lite_infer', small);
  t.equal(exitCode, 0, `${stdout}\n${stderr}`);
  t.strictSame(verdictsOf(result), ['ort/1-train pass', 'ort/2-eval pass']);
  const [, evaluation] = stepsOf(result);
  t.match(evaluation!.ran, /--model_path \S+norm_train_gpus_0_autocast_null\/iter_3\/model\.pdparams/);
  t.match(
    evaluation!.checks.find(({ name }) => name === 'pictures'),
    { verdict: 'pass', found: '8 were evaluated; its val_dataset has 8' },
  );
  t.match(await readFile(join(folder, evaluation!.log!), 'utf8'), '[EVAL] #Images: 8 mIoU: ');
});

t.test('a file that asks for one iteration is red, for one loss cannot be seen to move', async (t) => {
  const folder = await makeFolder(t, { '--iters': 'lite_train_lite_infer=1', norm_export: 'null' });
  const { exitCode, result } = await runMode(folder, 'lite_train_lite_infer', small);
  t.equal(exitCode, 1);
  t.match(stepsOf(result)[0], { verdict: 'fail', reason: /^loss moves: one iteration has nothing to move from/ });
});

t.test('benchmark_train times each configuration; rows that profile do not run, and say so', async (t) => {
  const folder = await makeFolder(t);
  const section = `======train_benchmark_params======\nbatch_size:2\nfp_items:fp32\nepoch:3\n--profiler_options:'batch_range=[10,20]'\nflags:A=1\n`;
  const path = join(folder, 'small.txt');
  await writeFile(path, (await readFile(path, 'utf8')) + section);
  const hidden = { CUDA_VISIBLE_DEVICES: '' };
  const run = async (allowed: readonly string[]) =>
    tipcheck(['test', 'small.txt', 'benchmark_train', ...small, ...allowed], folder, hidden);
  // Its third row trains on eight ranks, for which few machines have the cores.
  const hasCores = cpus().length >= 8;
  const plain = await run([]);
  t.equal(plain.exitCode, 3);
  t.match(
    plain.stdout,
    hasCores
      ? /not-run: 2 of 3 steps pass; 1 did not run, first ort\/1-train: the row runs a profiler, .+ --allow-not-run profiler tolerates this reason$/
      : /not-run: 1 of 3 steps pass; 2 did not run, first ort\/1-train: the row runs a profiler, .+ --allow-not-run profiler cores tolerates these reasons$/,
  );
  t.match(plain.stdout, /pass {2}ort · 2 train .+ samples\/s, reader [\d.]+ ms, \d+ MB/);
  t.equal((await run(['--allow-not-run', 'profiler'])).exitCode, hasCores ? 0 : 3, 'no other reason is let through');
  const { exitCode, stdout } = await run(['--allow-not-run', 'profiler', 'cores']);
  t.equal(exitCode, 0, stdout);
  const output = join(folder, 'test_tipc', 'output', 'small', 'benchmark_train');
  t.ok((await readdir(output)).includes('norm_train_gpus_0_autocast_fp32'), 'the row that ran has TIPC’s own folder');
  const log = await readLog(folder, 'benchmark_train');
  const words = [...log.matchAll(/Run (successfully|failed) with command/g)].map(([, word]) => word);
  t.strictSame(words, ['failed', 'successfully', hasCores ? 'successfully' : 'failed']);
});

const conversion = (folder: string, image: string) => `======paddle2onnx_params======
model_name:small
python:python3.7
2onnx: paddle2onnx
--model_dir:./${folder}/
--model_filename:model.pdmodel
--params_filename:model.pdiparams
--save_file:./${folder}/converted.onnx
--opset_version:11
--enable_onnx_checker:True
inference:deploy/python/infer_onnx.py
--onnx_file:./${folder}/converted.onnx
--img_path:${image}
`;

t.test(
  'a file of the form paddle2onnx converts what tipcheck exported, judges it, and infers one picture',
  async (t) => {
    const folder = await makeFolder(t);
    await writeWeights(folder);
    const image = 'data/street_000000_000019_leftImg8bit.png';
    await writeFile(join(folder, 'small.txt'), conversion('exported', image));
    const foreign = await runMode(folder, 'paddle2onnx_infer', small);
    t.equal(foreign.exitCode, 3);
    t.match(
      foreign.stderr,
      /Cannot convert \.\/exported\/: it has no deploy\.yaml .+ Fix: npx tipcheck export --config <yml>/,
    );
    t.equal((await tipcheck(['prepare', 'small.txt', 'paddle2onnx_infer'], folder)).exitCode, 3);

    const weights = ['--model_path', 'trained/model.pdparams', '--save_dir', 'exported'];
    t.equal((await tipcheck(['export', '--config', 'small.yml', ...weights], folder)).exitCode, 0);
    const { exitCode, result, stdout, stderr } = await runMode(folder, 'paddle2onnx_infer', small);
    t.equal(exitCode, 0, `${stdout}\n${stderr}`);
    t.strictSame(verdictsOf(result), ['ort/1-convert pass', 'ort/2-infer pass']);
    const [converted, inferred] = stepsOf(result);
    t.match(converted!.artefacts, [{ path: 'exported/converted.onnx' }]);
    t.match(
      converted!.checks.find(({ name }) => name === 'graph'),
      { verdict: 'pass', because: /engines/ },
    );
    t.equal(inferred!.artefacts.length, 1, 'a mask of the picture');
    t.ok(
      result!.tipc!.deviations.includes("written in ONNX's opset 20, where the file asks for 11"),
      'what differs from the file is in the result',
    );
    t.match(
      await readLog(folder, 'paddle2onnx_infer', 'results_paddle2onnx.log'),
      /^\S+ Run successfully with command - small - {2}paddle2onnx --model_dir=.+\n\S+ Run successfully .+infer_onnx\.py .+\n$/,
    );

    await t.test('weights that changed since are judged as they are now', async (t) => {
      await writeFile(join(folder, 'exported', 'model.pdparams'), 'not weights');
      const spoilt = await runMode(folder, 'paddle2onnx_infer', small);
      t.equal(spoilt.exitCode, 2, 'the file is the user’s');
      t.strictSame(verdictsOf(spoilt.result), ['ort/1-convert error', 'ort/2-infer not-run']);
      t.match(await readLog(folder, 'paddle2onnx_infer', 'results_paddle2onnx.log'), /^\S+ Run failed /);
    });
  },
);
