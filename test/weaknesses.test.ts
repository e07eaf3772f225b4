import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { StepResult } from '../harness/result/record/tipc-run.js';
import { packageRoot } from '../harness/support/package-root.js';
import { replaceSteps } from '../tipc/explain/replace-steps.js';
import type { TipcPlan } from '../tipc/plan/plan.js';
import { planTipc } from '../tipc/plan/plan-tipc.js';
import { parseTipcText } from '../tipc/plan/read-tipc-file.js';
import { readArtefacts } from '../tipc/steps/artefacts.js';
import { tipcTextForTests } from '../tipc/text/text-for-tests.js';
import { goodRun, output, run, test, tipcheck, writeRun } from './weak-run-for-tests.js';

/** A way in which a run of TIPC's says less than it seems to, and what shows that it is otherwise in tipcheck. */
interface Weakness {
  readonly tipc: string;
  /** A statement. */
  readonly ours: string;
  readonly shownHere?: (t: Test) => Promise<void>;
  /** Titles of tests elsewhere, by their file. */
  readonly shownBy?: Readonly<Record<string, readonly string[]>>;
}

const plan = (changes: Record<string, string>, mode = 'lite_train_lite_infer'): TipcPlan =>
  planTipc(parseTipcText(tipcTextForTests(changes), 'f.txt'), mode);

const weaknesses: readonly Weakness[] = [
  {
    tipc: 'its scripts end with exit code 0, whatever failed, and count nothing',
    ours: 'a run whose steps did not all pass has an exit code of its own and says how many did',
    shownHere: async (t) => {
      const folder = await writeRun(t, { gpu_list: '0', 'train.--device': 'gpu' });
      const without = await test(folder);
      t.equal(without.exitCode, 3);
      t.match(without.stdout, /0 of 4 steps pass/);
      t.equal((await test(folder, '--require', 'gpu')).exitCode, 1);
      const all = await test(folder, '--allow-not-run', 'gpu');
      t.equal(all.exitCode, 3, 'what is tolerated is never all of it');
    },
  },
  {
    tipc: 'a step succeeds if its process ends with 0, whether it wrote anything or not',
    ours: 'a step must leave the files that it is there for, with something in them',
    shownHere: async (t) => {
      const folder = t.testdir({ empty: '', full: 'x' });
      const verdict = async (...names: string[]) =>
        (
          await readArtefacts(
            names.map((name) => join(folder, name)),
            0,
          )
        ).check.verdict;
      t.equal(await verdict('full'), 'pass');
      t.equal(await verdict('full', 'missing'), 'fail');
      t.equal(await verdict('empty'), 'fail');
      t.equal(await verdict(), 'fail', 'no file proves nothing');
    },
  },
  {
    tipc: 'after a training that failed it exports and infers what an earlier run left, and succeeds',
    ours: 'what an earlier run left is moved aside, and nothing that follows a failed training runs',
    shownHere: async (t) => {
      const folder = await writeRun(t, {}, (yml) => yml.replace('learning_rate: 1.0e-3', 'learning_rate: 1.0e+30'));
      const stale = join(folder, run, 'best_model', 'model.pdparams');
      await mkdir(join(stale, '..'), { recursive: true });
      await writeFile(stale, 'weights of an earlier run');
      await writeFile(join(folder, output, 'results_python.log'), 'Run successfully, long ago\n');
      const { exitCode, stdout } = await test(folder);
      t.equal(exitCode, 1);
      t.match(stdout, /fail {2}ort · 1 train/);
      t.match(stdout, /not-run {2}ort · 2 export[\s\S]*ort\/1-train, which it needs, failed/);
      t.notMatch(await readFile(join(folder, output, 'results_python.log'), 'utf8'), 'successfully');
      const aside = (await readdir(join(folder, output, '..'))).filter((name) => name.includes('.before-'));
      t.equal(aside.length, 1);
      t.equal(
        await readFile(join(folder, output, '..', aside[0]!, stale.slice(join(folder, output).length)), 'utf8'),
        'weights of an earlier run',
      );
    },
  },
  {
    tipc: 'once a checkpoint was missing, all later rows take that of the last iteration',
    ours: "each row goes on with what its own training made, and TIPC's choice is noted",
    shownHere: async (t) => {
      const rows = {
        trainer: 'norm_train|pact_train',
        norm_train: 'tools/train.py',
        pact_train: 'tools/train.py --do_eval',
      };
      const found = plan({ ...rows, gpu_list: '0', quant_export: 'tools/export.py', infer_quant: 'True' });
      const [norm, pact] = replaceSteps(found, 'ort')
        .map(({ command }) => command ?? '')
        .filter((command) => command.includes('tipcheck export'));
      t.match(norm, 'autocast_null/iter_20/model.pdparams');
      t.match(pact, 'pact_train_gpus_0_autocast_null/best_model/model.pdparams');
      t.match(found.notes.join(), 'TIPC goes on with iter_20/model.pdparams of an earlier trainer');
    },
  },
  {
    tipc: 'inference whose engine does not start ends with 0',
    ours: 'an engine that cannot take the graph is an exit code',
    shownHere: async (t) => {
      const { broken } = await goodRun(t);
      t.ok([2, 3].includes(broken.exitCode), `${broken.exitCode}: ${broken.stderr}`);
      t.match(broken.stderr, /Cannot /);
    },
  },
  {
    tipc: 'its profiler ends a training in the middle, with 0',
    ours: 'there is no profiler, and asking for one is refused',
    shownHere: async (t) => {
      const folder = await writeRun(t, {});
      const asked = await tipcheck(folder, 'train', '--config', 'small.yml', '--profiler_options', 'batch_range=[1,2]');
      t.equal(asked.exitCode, 2);
      t.match(asked.stderr, '--profiler_options');
    },
  },
  {
    tipc: 'servers in the background always succeed, and are killed by a search over all processes',
    ours: 'serving is explained and not run, which is an exit code',
    shownHere: async (t) => {
      const folder = t.testdir({ 'serving.txt': serving });
      const { exitCode, stderr } = await tipcheck(folder, 'test', 'serving.txt', 'serving_infer');
      t.equal(exitCode, 3);
      t.match(stderr, 'Cannot run');
      t.match((await tipcheck(folder, 'explain', 'serving.txt', 'serving_infer')).stdout, 'ours  not run: ');
    },
  },
  {
    tipc: 'unknown modes, trainers and devices, and missing lines, are taken in silence',
    ours: 'each is an error that names what was meant',
    shownHere: async (t) => {
      t.throws(() => plan({}, 'lite_train_lite_infr'), { message: /Did you mean lite_train_lite_infer\?/ });
      t.throws(() => plan({ trainer: 'norm_trian' }), { message: /Did you mean norm_train\?/ });
      t.throws(() => plan({ 'infer.--device': 'gpus' }), { message: /has the item "gpus"/ });
      t.throws(() => parseTipcText(tipcTextForTests().split('\n').slice(0, 30).join('\n'), 'f.txt'), {
        message: /it has 30 lines/,
      });
      t.throws(() => parseTipcText(tipcTextForTests().replace('pact_train:null\n', ''), 'f.txt'), {
        message: /lines count by position/,
      });
    },
  },
  {
    tipc: 'a device that is not there is replaced by the CPU without a word',
    ours: 'a GPU that is not there is an error, and the device that computed is recorded and checked',
    shownBy: {
      'harness/support/find-gpu.test.ts': ['auto says why, gpu without one is an environment error, cpu asks nobody'],
    },
  },
  {
    tipc: 'missing and mismatched weights are a warning',
    ours: 'weights load whole or not at all',
    shownBy: {
      'test/val-cli.test.ts': ['weights of another network, and a data set with other classes, are refused by name'],
      'harness/golden/weights-file.test.ts': ['is refused by name'],
    },
  },
  {
    tipc: 'a loss of NaN trains on, and never becomes the best model',
    ours: 'a loss that is not finite ends the training with an exit code',
    shownBy: {
      'test/train-cli.test.ts': [
        'a loss that becomes NaN ends the training, names a layer and keeps the last checkpoint',
      ],
    },
  },
  {
    tipc: 'benchmark_train of a file without the section runs nothing and ends with 0',
    ours: 'it is an error',
    shownBy: { 'tipc/plan/plan-benchmark.test.ts': ['benchmark_train of a file without the section is an error'] },
  },
  {
    tipc: 'no mode looks whether the loss falls, or at mIoU or time',
    ours: 'a training is judged: losses against the envelope of the reference, finite and moving in a file of TIPC',
    shownHere: async (t) => {
      const [train] = (await goodRun(t)).steps;
      for (const name of ['loss is finite', 'loss moves', 'weights']) t.ok(namesOf(train).includes(name), name);
      for (const name of ['last loss', 'mIoU', 'ips (samples/s)']) t.ok(Number.isFinite(train?.figures[name]), name);
    },
    shownBy: {
      'harness/run/run-training.test.ts': [
        'an honest port passes; rates, losses, gradients, parameters and statistics are named so, in order',
      ],
    },
  },
  {
    tipc: 'whole_infer compares nothing, and has references for one model',
    ours: "an exported graph and its inference are held against the weights in another engine, and TIPC's references by compare",
    shownBy: {
      'cli/commands/compare.test.ts': ["TIPC's own arguments hold every folder against the reference of its precision"],
    },
  },
  {
    tipc: 'compare_results.py ends with 0, whatever differs, and where it found nothing to compare',
    ours: 'a difference is exit code 1, and nothing to compare is an error',
    shownBy: {
      'cli/commands/compare.test.ts': [
        'a class that is wrong is found, though the mean is right',
        'where nothing would be compared, it is an error',
      ],
      'pipeline/compare/compare.test.ts': ['what TIPC resizes, drops or does not see is an error'],
    },
  },
  {
    tipc: 'inference on a GPU is never told where to write, nor is that of SegNeXt anywhere',
    ours: 'each inference has a folder of its own',
    shownHere: async (t) => {
      const found = plan({});
      const folders = replaceSteps(found, 'ort').flatMap(
        ({ command }) => / infer .*--save_dir (\S+)/.exec(command ?? '')?.[1] ?? [],
      );
      t.equal(folders.length, 4);
      t.equal(new Set(folders).size, 4, folders.join(' '));
      t.match(found.notes.join(), 'TIPC tells steps 4, 8 no folder for its results');
    },
  },
  {
    tipc: 'nothing compares the framework with the exported graph and with ONNX',
    ours: 'a graph with one wrong number is found by an engine that is not the exporter',
    shownHere: async (t) => {
      const { steps, graph, spoiltGraph } = await goodRun(t);
      const [, exported, inferred] = steps;
      for (const step of [exported, inferred])
        t.ok(
          namesOf(step).some((name) => /graph|logits/.test(name)),
          namesOf(step).join(),
        );
      t.strictSame(graph, [], 'the graph as it was exported');
      t.match(spoiltGraph, ['graph'], 'the same graph with one number of a weight changed');
    },
    shownBy: { 'test/judge-cli.test.ts': ['a port that disagrees is exit 1 and the layer is named'] },
  },
  {
    tipc: 'dy2static compares losses as they are printed, by four places',
    ours: 'losses are compared in multiples of the noise of the reference',
    shownBy: {
      'harness/metrics/agreement.test.ts': ['a loss agrees within 8 × the largest noise, or 2^-22 of its value'],
    },
  },
  {
    tipc: 'the test in JavaScript lets two bytes in a hundred of a picture differ, and calls it mAP',
    ours: 'every pixel whose class changes is counted, and must be explained by an error of the logits',
    shownBy: {
      'harness/metrics/label-flips.test.ts': [
        'it agrees with a pixel-by-pixel count, image by image or at once, and no change is unexplained',
      ],
    },
  },
  {
    tipc: 'a class that no picture holds counts 1 in mIoU, unsaid',
    ours: 'how many classes are present is said, and how an absent one counts is a choice',
    shownBy: { 'test/val-cli.test.ts': ['an absent class counts 1, 0, or not at all'] },
  },
  {
    tipc: 'int8 on a GPU and half precision on a CPU are left out in silence',
    ours: 'every row that is left out is listed with its reason',
    shownBy: {
      'tipc/plan/plan-tipc.test.ts': ['what the filters leave out is listed with the reason'],
      'cli/commands/explain.test.ts': ['rows that TIPC passes over are listed, and a row that we do not run says why'],
    },
  },
  {
    tipc: 'lite_train_whole_infer runs what lite_train_lite_infer runs',
    ours: 'a file in which it does is noted',
    shownBy: { 'tipc/plan/plan-tipc.test.ts': ['what a plan holds and TIPC takes in silence is noted'] },
  },
  {
    tipc: 'whole_infer of most models has no weights, and nothing says so',
    ours: 'weights are fetched, or the error says what to put where',
    shownBy: { 'tipc/prepare/prepare-mode.test.ts': ['without the weights the error says what to put where'] },
  },
  {
    tipc: 'files name scripts and ymls that do not exist',
    ours: 'what a file names is looked at before the first step runs',
    shownHere: async (t) => {
      const folder = await writeRun(t, { norm_train: 'tools/train.py --config nowhere.yml --do_eval' });
      const { exitCode, stderr, stdout } = await test(folder);
      t.equal(exitCode, 2);
      t.match(stderr, 'nowhere.yml');
      t.notMatch(stdout, 'train', 'and nothing ran');
      const script = await test(await writeRun(t, { norm_train: 'train.py --config small.yml' }));
      t.equal(script.exitCode, 3);
      t.match(script.stdout, 'nothing stands in for train.py');
    },
  },
  {
    tipc: "SegNeXt's yml for TIPC trains by another recipe than the published one, unsaid",
    ours: 'the yml that a file names is the one that trains, and the command that is shown and stored names it',
    shownHere: async (t) => {
      const [train] = replaceSteps(plan({ norm_train: 'tools/train.py --config another/recipe.yml' }), 'ort');
      t.match(train?.command, / train .*--config another\/recipe\.yml /);
    },
  },
  {
    tipc: 'what it downloads is checked against nothing, and it upgrades packages on the way',
    ours: 'what is fetched has its length and hash checked, and recorded',
    shownBy: {
      'pipeline/fetch/fetch-file.test.ts': [
        'a file that is not what was recorded is an error that says both',
        'a length that promises more than comes is never taken for the file',
      ],
    },
  },
  {
    tipc: 'rows of several trainers write over one log, and those of several GPUs over one folder of results',
    ours: 'such rows are noted, and masks go to folders of their own',
    shownHere: async (t) => {
      const found = plan({ trainer: 'norm_train|other' });
      t.match(found.notes.join('\n'), /steps 3, 7 write over one another's log/);
      const folders = replaceSteps(found, 'ort').flatMap(
        ({ command }) => / infer .*--save_dir (\S+)/.exec(command ?? '')?.[1] ?? [],
      );
      t.equal(folders.length, 8);
      t.equal(new Set(folders).size, 8);
    },
  },
  {
    tipc: 'two of its scripts never learn their mode, so that results of modes mix',
    ours: 'each run has a folder of reports of its own, whatever the mode',
    shownHere: async (t) => {
      const folder = await writeRun(t, { gpu_list: '0', 'train.--device': 'gpu' });
      await test(folder);
      await test(folder);
      t.equal((await readdir(join(folder, 'reports'))).length, 2);
    },
  },
  {
    tipc: 'values are cut at a second colon, and evaluated as shell code',
    ours: 'a second colon is an error, and code in a value is text',
    shownHere: async (t) => {
      t.throws(() => plan({ inference: 'infer.py --url http://x' }), { message: /goes on after a second colon/ });
      const folder = await writeRun(t, {
        norm_train: 'tools/train.py --config small.yml --do_eval --log_iters $(touch ran)',
      });
      const { exitCode } = await test(folder);
      t.not(exitCode, 0);
      t.notOk(existsSync(join(folder, 'ran')));
    },
  },
  {
    tipc: 'a resumed training forgets its best mIoU, its order and its draws; a small data set hangs; pictures are paired by place',
    ours: 'a resumed training is the same to the last bit, a data set smaller than a batch is refused, pictures are paired by name',
    shownBy: {
      'test/train-cli.test.ts': ['training resumes to the same weights, bit for bit'],
      'pipeline/data/load-batches.test.ts': ['a data set smaller than a batch is refused before anything is loaded'],
      'pipeline/data/data-set.test.ts': [
        'Cityscapes pairs by city and name',
        'Cityscapes with a file that has no partner is refused, where PaddleSeg gives images the labels of others',
      ],
    },
  },
];

function namesOf(step: StepResult | undefined): string[] {
  return step?.checks.map(({ name }) => name) ?? [];
}

const serving = `===serving_params===
model_name:toy
python:python3.7
trans_model:-m paddle_serving_client.convert
--dirname:./toy
--model_filename:model.pdmodel
--params_filename:model.pdiparams
--serving_server:./server/
--serving_client:./client/
serving_dir:./serving
web_service:./web_service.py
--opt:"0"|null
--output_name:out
pipline:./client.py
--img_path:street.png
--input_name:x
`;

t.setTimeout(900_000);
t.equal(weaknesses.length, 30, 'those of the specification, in its order');
for (const [index, { tipc, ours, shownHere, shownBy = {} }] of weaknesses.entries())
  t.test(`${index + 1}. ${ours}`, async (t) => {
    t.comment(`TIPC: ${tipc}`);
    t.ok(shownHere !== undefined || Object.keys(shownBy).length > 0, 'something shows it');
    for (const [path, titles] of Object.entries(shownBy)) {
      const text = readFileSync(join(packageRoot, path), 'utf8');
      for (const title of titles) t.ok(text.includes(title), `${path} has a test of the title "${title}"`);
    }
    await shownHere?.(t);
  });
