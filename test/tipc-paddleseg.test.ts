import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { makeCheckout } from './paddleseg-for-tests.js';
import { makeFolder, runMode, stepsOf, verdictsOf } from './tipc-folder-for-tests.js';
import { tipcheck } from './tools-for-tests.js';

t.setTimeout(900_000);

const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0);
const small = ['--port', 'paddleseg', '--crop', '64x48'];
const file = {
  python: python ?? 'python3',
  eval: 'tools/val.py --config small.yml --device cpu',
};

if (python === undefined) t.comment('not run: there is no Python');
else {
  const folder = await makeFolder(t, file);
  const environment = await makeCheckout(folder);
  const run = (options: readonly string[] = [], spoil = '', mode = 'lite_train_lite_infer') =>
    runMode(folder, mode, [...small, ...options], { ...environment, TOY: spoil });

  t.test("a PaddleSeg of the user's runs TIPC's own commands, and each step is judged by what it left", async (t) => {
    const { exitCode, result, report, stdout, stderr } = await run(['--iters', '4', '--pretrained', 'none']);
    t.equal(exitCode, 0, `${stdout}\n${stderr}`);
    t.strictSame(
      verdictsOf(result),
      ['1-train', '2-eval', '3-export', '4-infer'].map((id) => `paddleseg/${id} pass`),
    );
    const [train, evaluation, exported, infer] = stepsOf(result);
    t.match(
      train!.ran,
      new RegExp(`^${python} tools/train\\.py --config reports/\\S+_pretrained\\.yml --do_eval --seed 3 `),
    );
    t.match(train!.engine, { engine: 'PaddlePaddle', version: '3.3.1', device: 'cpu', provider: 'PaddleSeg 2.8.0' });
    t.match(train!.figures, { 'first loss': 2.99, 'last loss': 2.96, mIoU: 0.2746, 'ips (samples/s)': 4 });
    t.ok(process.platform !== 'linux' || train!.figures['peak memory (MB)']! > 1, 'what Python held');
    t.match(
      train!.deviations.join('\n'),
      /^4 iterations.+\n.+\(--pretrained none\)\npictures resized to 64×48.+\(--crop 64x48\)$/,
    );
    t.match(evaluation!.figures, { images: 8, mIoU: 0.2746 });
    t.match(exported!.artefacts.map(({ path }) => path).join(), /deploy\.yaml,.+model\.pdmodel,.+model\.pdiparams/);
    t.equal(infer!.artefacts.length, 2, 'a mask of each picture');
    const log = await readFile(join(folder, 'test_tipc/output/small/lite_train_lite_infer/results_python.log'), 'utf8');
    t.match(log, `Run successfully with command - small - ${python} tools/train.py --config small.yml --do_eval`);
    t.equal(log.match(/successfully/g)?.length, 4);

    await t.test('what other commands make of a run, they make of this', async (t) => {
      const stored = join('reports', report);
      const verified = await tipcheck(['verify', stored], folder);
      t.equal(verified.exitCode, 0, verified.stdout);
      t.notMatch(verified.stdout, 'not checked');
      const elsewhere = await tipcheck(['verify', join(folder, stored)], tmpdir());
      t.equal(elsewhere.exitCode, 0, elsewhere.stdout);
      t.notMatch(elsewhere.stdout, 'not checked', 'it knows where it was started');
      const merged = await tipcheck(['merge', stored, '--port', 'paddleseg', '--out', 'merged/whole'], folder);
      t.equal(merged.exitCode, 0, merged.stderr);
      const whole = await tipcheck(['verify', 'merged/whole'], folder);
      t.equal(whole.exitCode, 0, whole.stdout);
      t.notMatch(whole.stdout, 'not checked', 'and so does a merge');
      const compared = await tipcheck(['compare', stored, stored], folder);
      t.equal(compared.exitCode, 0, compared.stderr);
      const certified = await tipcheck(['certificate', stored, '--out', 'certificate'], folder);
      t.equal(certified.exitCode, 0, certified.stderr);
      t.match(await readFile(join(folder, 'certificate', 'certificate.md'), 'utf8'), /paddleseg.+\n.+\n.*reduced/);
    });
  });

  t.test('what PaddleSeg lets pass is red here, and the step says why', async (t) => {
    const cases: readonly (readonly [spoil: string, verdict: string, reason: RegExp])[] = [
      ['constant', '1-train fail', /^loss moves: it is 3 in every/],
      ['nan', '1-train fail', /^loss is finite: 0 of 3/],
      ['profiler', '1-train fail', /^files: .+best_model|^files: .+is not there/],
      ['no files', '1-train fail', /^files: .+ is not there/],
      ['lacking', '1-train fail', /^weights: /],
      ['no evaluation', '1-train fail', /^evaluation: --do_eval is given, and nothing was evaluated/],
      ['fallback', '1-train pass', /^$/],
      ['rates', '1-train fail', /^learnt: every learning rate that it logged is 0$/],
      ['zero', '1-train fail', /^weights: every one of its \d+ parameters is 0 throughout$/],
      ['empty', '1-train fail', /^pictures: 0 were evaluated; it was to look at 0, and its val_dataset lists 8$/],
      ['crash', '1-train error', /^it ended with exit code 1: MemoryError: no more$/],
      ['partly', '2-eval fail', /^weights: 500 of 519 variables were loaded/],
      ['unloaded', '2-eval fail', /^model: its log names weights for MSCAN; SegNeXt is wanted/],
      ['picture', '1-train fail', /^pictures: 7 were evaluated; it was to look at 8/],
      ['fewer', '1-train fail', /^pictures: 7 were evaluated; it was to look at 7, and its val_dataset lists 8$/],
      ['Acc', '2-eval fail', /^mIoU: 0\.2746, Acc no number, over 8 pictures/],
      ['other name', '3-export fail', /^files: .+model\.pdmodel is not there/],
      ['engine', '4-infer fail', /^files: .+ is not there/],
      ['one mask', '4-infer fail', /^files: .+ is not there/],
      ['size', '4-infer fail', /^masks: .+ is 32×48; 64×48 is wanted/],
      ['class', '4-infer fail', /^masks: .+ holds the class 77; there are 19/],
    ];
    for (const [spoil, verdict, reason] of cases) {
      const { result, exitCode, stderr } = await run([], spoil);
      const number = Number(verdict[0]);
      const step = stepsOf(result)[number - 1];
      t.equal(`${number}-${step?.kind} ${step?.verdict}`, verdict, `${spoil}: ${step?.reason} ${stderr}`);
      t.match(step?.reason ?? '', reason);
      t.equal(exitCode, verdict.endsWith('error') ? 3 : verdict.endsWith('fail') ? 1 : 0, spoil);
    }
  });

  t.test('what is not counted, and masks that say nothing, reduce the run and its certificate', async (t) => {
    const uncounted = await makeFolder(t, file);
    const own = await makeCheckout(uncounted);
    const yml = join(uncounted, 'small.yml');
    const text = await readFile(yml, 'utf8');
    await writeFile(yml, text.replaceAll('type: Cityscapes', 'type: OwnData'));
    const { exitCode, result, report, stderr } = await runMode(uncounted, 'lite_train_lite_infer', small, own);
    t.equal(exitCode, 0, stderr);
    const [train, evaluation, , infer] = stepsOf(result);
    t.match(train!.deviations.join('\n'), /not counted: train_dataset: .+not counted: val_dataset: /s);
    t.match(evaluation!.deviations.join('\n'), /not counted: val_dataset: small\.yml:\d+: .+"OwnData"/);
    t.match(
      evaluation!.checks.find(({ name }) => name === 'pictures'),
      { verdict: 'pass', found: /its val_dataset is not counted$/ },
    );
    t.strictSame(infer!.observed, ['each of 2 masks is one class throughout: 3']);
    t.match(stderr, /^deviation: paddleseg\/4-infer: each of 2 masks is one class throughout: 3$/m);
    const stored = join('reports', report);
    t.equal((await tipcheck(['verify', stored], uncounted)).exitCode, 0);
    t.equal((await tipcheck(['certificate', stored, '--out', 'c'], uncounted)).exitCode, 0);
    const certificate = await readFile(join(uncounted, 'c', 'certificate.md'), 'utf8');
    t.match(certificate, /pass, reduced/);
    t.match(certificate, /reduced: each of 2 masks is one class throughout/);
  });

  t.test('rows of a GPU run where its Paddle finds one, and a fall back to the processor is red', async (t) => {
    const gpu = await makeFolder(t, { ...file, gpu_list: '0|0,1', '--device': 'gpu|gpu', eval: 'null' });
    const own = await makeCheckout(gpu);
    const options = ['lite_train_lite_infer', [...small, '--device', 'auto']] as const;
    const none = await runMode(gpu, ...options, own);
    t.equal(none.exitCode, 3);
    t.match(none.lastLine, /there is no GPU: PaddlePaddle 3\.3\.1 of python\d? finds none.+Fix: --device cpu/);
    const two = { ...own, TOY_GPUS: '2' };
    const found = await runMode(gpu, ...options, two);
    t.match(verdictsOf(found.result).join(), 'paddleseg/1-train pass');
    const [first] = stepsOf(found.result);
    t.equal(first!.engine?.device, 'gpu');
    const several = stepsOf(found.result).find(({ row, kind }) => kind === 'train' && row.ranks === '2');
    t.match(several, {
      verdict: 'pass',
      ran: / -m paddle\.distributed\.launch --devices=0,1 --log_dir=\S+ tools\/train\.py /,
    });
    const fallen = await runMode(gpu, ...options, { ...two, TOY: 'fallback' });
    t.match(stepsOf(fallen.result)[0], {
      verdict: 'fail',
      reason: /^device: PaddlePaddle computed on the cpu .+ the gpu was asked for/,
    });
    const shrunk = await runMode(gpu, 'lite_train_lite_infer', [...small, '--device', 'cpu'], two);
    const ranks = stepsOf(shrunk.result).find(({ row, kind }) => kind === 'train' && row.ranks === '2');
    t.match(ranks!.ran ?? ranks!.reason, /--nproc_per_node=2|2 ranks are asked for/);
  });

  t.test('where PaddleSeg is not there, one sentence says what to do', async (t) => {
    const empty = await makeFolder(t, file);
    const test = (cwd: string, ...options: string[]) =>
      tipcheck(['test', 'small.txt', ...options], cwd, { ...environment, TOY: '' });
    const cases: readonly (readonly [cwd: string, options: readonly string[], code: number, message: RegExp])[] = [
      [
        folder,
        ['lite_train_lite_infer', '--port', 'paddelseg'],
        2,
        /Cannot use port paddelseg: .+ Did you mean paddleseg\?/,
      ],
      [empty, ['lite_train_lite_infer', ...small], 3, /this folder has no tools\/train\.py; .+ Fix: git clone/],
      [
        folder,
        ['lite_train_lite_infer', ...small, '--python', 'no-python'],
        3,
        /there is no program no-python; .+ Fix: --python <program>/,
      ],
      [
        folder,
        ['lite_train_lite_infer', '--port', 'ort', '--python', 'python3'],
        2,
        /no port of ort is run by it; .+ Fix: --port paddleseg/,
      ],
      [
        folder,
        ['paddle2onnx_infer', ...small],
        2,
        /Cannot run paddle2onnx_infer of small\.txt with the port paddleseg/,
      ],
      [folder, ['lite_infer', '--python', 'python3'], 2, /goldens are judged as they are/],
    ];
    for (const [cwd, options, code, message] of cases) {
      const { exitCode, stderr } = await test(cwd, ...options);
      t.equal(exitCode, code, options.join(' '));
      t.match(stderr, message);
    }
    await writeFile(join(folder, 'site', 'paddleseg', '__init__.py'), 'import nothing_of_this_name\n');
    const { exitCode, stderr } = await test(folder, 'lite_train_lite_infer', ...small);
    t.equal(exitCode, 3);
    t.match(stderr, /cannot load paddle and paddleseg \(ModuleNotFoundError: No module named 'nothing_of_this_name'\)/);
  });
}
