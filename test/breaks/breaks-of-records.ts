import { appendFile, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BreakFolder, labelOf, mode, pictureOf, trained } from './break-folder.js';
import type { BreakRow } from './break-row.js';
import {
  best,
  copyIn,
  dropLast,
  editLog,
  judged,
  listMasks,
  logOf,
  raiseMiou,
  recorded,
  renderAndVerify,
  rendered,
  resumeAfter,
  sha256,
  swap,
  verifyAfter,
} from './change-run.js';

/** What a run stored, changed after it. `verify` is asked, after `render` where the reports would tell. */
export const breaksOfRecords: readonly BreakRow[] = [
  // Figures.
  rendered('an mIoU in result.json', raiseMiou),
  recorded('an mIoU in the JSON of its step', 'ort/2-eval.json', raiseMiou),
  {
    name: 'an mIoU in result.json and in the JSON of its step alike',
    async breakIt(folder) {
      await folder.editReport('ort/2-eval.json', raiseMiou);
      await folder.editReport('result.json', raiseMiou);
      return renderAndVerify(folder);
    },
  },
  {
    name: 'an mIoU in result.json and in the JSON of its step, whose hash is made to fit',
    async breakIt(folder) {
      const path = join(folder.path, await folder.report(), 'ort', '2-eval.json');
      const before = sha256(await readFile(path));
      await folder.editReport('ort/2-eval.json', raiseMiou);
      const after = sha256(await readFile(path));
      await folder.editReport('result.json', (text) => raiseMiou(text).replaceAll(before, after));
      return renderAndVerify(folder);
    },
  },
  {
    ...recorded('a loss in the JSON of training', 'ort/1-train.json', (text) =>
      text.replace(/("losses": ?\[\s*)[\d.]+/, '$19.9'),
    ),
    quick: true,
  },
  rendered('a loss in result.json', (text) => text.replace(/("last loss": )[\d.]+/, '$10.5')),
  rendered('the count of iterations in result.json', (text) => text.replace(/("iterations": )4/, '$140')),
  rendered('the count of pictures in result.json', (text) => text.replace(/("images": )8/, '$1500')),
  {
    name: 'how many pictures a data set has, in result.json and in the plan, whose hash is made to fit',
    async breakIt(folder) {
      const more = (text: string) => text.replace(/("images": )\d+(,\s*"bytes")/, '$1500$2');
      const path = join(folder.path, await folder.report(), 'plan.json');
      const before = sha256(await readFile(path));
      await folder.editReport('plan.json', more);
      const after = sha256(await readFile(path));
      await folder.editReport('result.json', (text) => more(text).replaceAll(before, after));
      return renderAndVerify(folder);
    },
  },
  rendered('a figure of the logits in result.json', (text) => text.replace(/("logits \(× noise\)": )[\d.]+/, '$10.01')),
  judged('a figure in the JSON of what judged the graph', '.json', (text) => text.replace('"images":2', '"images":3')),
  // Logs.
  {
    name: 'an mIoU in the log of evaluation',
    breakIt: (folder) =>
      verifyAfter(folder, () => editLog(folder, '_eval.log', (text) => text.replace(/mIoU: 0\.\d+/g, 'mIoU: 0.9500'))),
  },
  {
    name: 'a log with a second [EVAL] line',
    breakIt: (folder) =>
      verifyAfter(folder, () =>
        editLog(
          folder,
          '_eval.log',
          (text) =>
            `${text}2026/01/01 00:00:00 [INFO]\t[EVAL] #Images: 8 mIoU: 0.9500 Acc: 0.99 Kappa: 0.9 Dice: 0.9\n`,
        ),
      ),
  },
  {
    name: 'a log of training that is gone',
    mayBeAway: true,
    breakIt: (folder) => verifyAfter(folder, async () => rm(await logOf(folder, '_nodes_1.log'))),
  },
  // What the steps made.
  {
    name: 'the checkpoint of another iteration as the best model',
    breakIt: (folder) => verifyAfter(folder, () => copyIn(folder, `${trained}/iter_2/model.pdparams`, best, true)),
  },
  {
    name: 'a byte more in the best model',
    breakIt: (folder) => verifyAfter(folder, () => appendFile(join(folder.path, best), 'x')),
  },
  {
    name: 'transforms of deploy.yaml',
    quick: true,
    breakIt: (folder) =>
      verifyAfter(folder, () => folder.edit(`${trained}/deploy.yaml`, (text) => text.replace(/0\.485/, '0.9'))),
  },
  {
    name: 'another graph as model.onnx',
    breakIt: (folder) =>
      verifyAfter(folder, async () => {
        const path = `${trained}/model.onnx`;
        const args = [
          '--config',
          'small.yml',
          '--model_path',
          `${trained}/iter_2/model.pdparams`,
          '--save_dir',
          'other',
        ];
        await folder.ask('export', ...args, '--input_shape', '1', '3', '256', '512');
        await copyIn(folder, 'other/model.onnx', path, true);
      }),
  },
  {
    name: 'the masks of two pictures swapped',
    breakIt: (folder) =>
      verifyAfter(folder, async () => {
        const masks = await listMasks(folder);
        await swap(join(folder.path, masks[0]!), join(folder.path, masks[1]!));
      }),
  },
  {
    name: 'a mask that is gone',
    mayBeAway: true,
    breakIt: (folder) => verifyAfter(folder, async () => rm(join(folder.path, (await listMasks(folder))[0]!))),
  },
  // What it stood on.
  {
    name: 'a line less in the list of validation',
    breakIt: (folder) => verifyAfter(folder, () => folder.edit('street/val.list', dropLast)),
  },
  {
    name: 'a line less in the list of training',
    breakIt: (folder) => verifyAfter(folder, () => folder.edit('street/train.list', dropLast)),
  },
  {
    name: 'a line less in the list of inference',
    breakIt: (folder) => verifyAfter(folder, () => folder.edit('street/infer.list', dropLast)),
  },
  {
    name: 'lines of a list whose pictures have labels of others',
    breakIt: (folder) =>
      verifyAfter(folder, () =>
        folder.edit('street/val.list', (list) => {
          const pairs = list
            .trim()
            .split('\n')
            .map((line) => line.split(' '));
          return `${pairs.map(([picture], at) => `${picture} ${pairs[(at + 1) % pairs.length]![1]}`).join('\n')}\n`;
        }),
      ),
  },
  {
    name: 'labels of two pictures swapped',
    breakIt: (folder) => verifyAfter(folder, () => swap(join(folder.path, labelOf(0)), join(folder.path, labelOf(1)))),
  },
  {
    name: 'a picture of validation that is another',
    breakIt: (folder) => verifyAfter(folder, () => copyIn(folder, pictureOf(5), pictureOf(6), true)),
  },
  {
    name: 'a picture of training that is gone',
    mayBeAway: true,
    breakIt: (folder) => verifyAfter(folder, () => rm(join(folder.path, pictureOf(0).replaceAll('val', 'train')))),
  },
  {
    name: 'num_classes of the yml',
    breakIt: (folder) =>
      verifyAfter(folder, () =>
        folder.edit('small.yml', (yml) => yml.replaceAll('num_classes: 19', 'num_classes: 20')),
      ),
  },
  {
    name: 'weight_decay of the yml',
    breakIt: (folder) => verifyAfter(folder, () => folder.edit('small.yml', (yml) => yml.replace('0.01', '0.02'))),
  },
  {
    name: 'iterations in the text file',
    breakIt: (folder) =>
      verifyAfter(folder, () => folder.edit('small.txt', (text) => text.replace('infer=4', 'infer=2'))),
  },
  // Who, what and when.
  {
    ...rendered(
      'the model in result.json and plan.json',
      (text) => text.replaceAll('"model": "small"', '"model": "segnext_l"'),
      true,
    ),
  },
  rendered(
    'the mode in result.json and plan.json',
    (text) => text.replace('"mode": "lite_train_lite_infer"', '"mode": "whole_train_whole_infer"'),
    true,
  ),
  rendered(
    'the file in result.json and plan.json',
    (text) => text.replace('"file": "small.txt"', '"file": "segnext_l.txt"'),
    true,
  ),
  rendered('the date in result.json', (text) => text.replace(/("startedAt": ")\d{4}/, '$12099')),
  rendered('the date and the id of a run in result.json', (text) =>
    text.replace(/("startedAt": ")\d{4}/, '$12099').replace(/("runId": ")\d{8}-\d{6}/, '$1newest'),
  ),
  rendered('the version of tipcheck in result.json', (text) => text.replace(/("tipcheckVersion": ")[^"]+/, '$19.9.9')),
  rendered('the command in result.json', (text) => text.replace(/("command": \[\s*"test",\s*")small/, '$1large')),
  rendered('the processor in result.json', (text) => text.replace(/("cpu": ")[^"]+/, '$1A better one')),
  rendered('the commit in result.json', (text) => text.replace(/("commit": )(null|"\w+")/, '$1"0123456789ab"')),
  rendered('the summary in result.json', (text) => text.replace(/("summary": ")4 of 4 steps pass/, '$1All is well')),
  rendered('the device in result.json', (text) =>
    text.replaceAll('"device": "cpu"', '"device": "gpu"').replaceAll('"deviceAsked": "cpu"', '"deviceAsked": "gpu"'),
  ),
  rendered('the engine in result.json', (text) =>
    text.replaceAll('"engine": "onnxruntime-node"', '"engine": "tfjs-node-gpu"'),
  ),
  rendered('the port of a step in result.json', (text) => text.replace('"port": "ort"', '"port": "tfjs"')),
  {
    name: 'a step taken out of result.json',
    breakIt: async (folder) => {
      await folder.editReport('result.json', (text) => {
        const result = JSON.parse(text);
        result.tipc.steps.splice(1, 1);
        return JSON.stringify(result);
      });
      return renderAndVerify(folder);
    },
  },
  {
    name: 'a step taken out of result.json and plan.json',
    breakIt: async (folder) => {
      for (const file of ['result.json', 'plan.json'])
        await folder.editReport(file, (text) => {
          const record = JSON.parse(text);
          const tipc = record.tipc ?? record;
          tipc.steps.splice(1, 1);
          tipc.planned.splice(1, 1);
          return JSON.stringify(record).replaceAll('4 of 4', '3 of 3');
        });
      return renderAndVerify(folder);
    },
  },
  recorded('steps in plan.json', 'plan.json', (text) => text.replace('"ort/2-eval",', '')),
  recorded('a command in plan.json', 'plan.json', (text) => text.replace('--seed 3', '--seed 4')),
  rendered(
    'what was allowed, in result.json and plan.json',
    (text) => text.replace(/"allowed": ?\[\]/, '"allowed": ["gpu"]'),
    true,
  ),
  {
    name: 'a check that failed, made to pass',
    async breakIt(folder) {
      // A red run of its own: one iteration has nothing to move from.
      await folder.edit('small.txt', (text) => text.replace('infer=4', 'infer=1'));
      await rm(join(folder.path, 'reports'), { recursive: true });
      const { exitCode, output } = await folder.run();
      if (exitCode === 0) return { exitCode, output: `the run of one iteration is green: ${output}` };
      await folder.editReport('result.json', (text) =>
        text
          .replaceAll('"verdict": "fail"', '"verdict": "pass"')
          .replaceAll('"verdict": "not-run"', '"verdict": "pass"'),
      );
      return renderAndVerify(folder);
    },
  },
  // Reports beside it.
  recorded('a word in report.html', 'report.html', (text) => text.replaceAll('pass', 'Pass')),
  recorded('a test in junit.xml', 'junit.xml', (text) => text.replace(/<testcase/, '<testcase x="1"')),
  // Other commands that read it.
  {
    name: 'a run with faults in a certificate',
    async breakIt(folder) {
      await folder.editReport('result.json', raiseMiou);
      await folder.ask('render', await folder.report());
      return folder.ask('certificate', 'reports', '--out', 'certificate');
    },
  },
  {
    name: 'a copy of a run, merged with it',
    async breakIt(folder) {
      const report = await folder.report();
      await cp(join(folder.path, report), join(folder.path, 'reports', 'again'), { recursive: true });
      return folder.ask('merge', report, 'reports/again', '--out', 'merged', '--port', 'ort');
    },
  },
  {
    name: 'a copy of a run for another port, merged with it',
    async breakIt(folder) {
      const report = await folder.report();
      const copy = join(folder.path, 'reports', 'copy');
      await cp(join(folder.path, report), copy, { recursive: true });
      for (const file of ['result.json', 'plan.json']) {
        const text = await readFile(join(copy, file), 'utf8');
        await writeFile(
          join(copy, file),
          text.replaceAll('"ort/', '"tfjs/').replaceAll('"port": "ort"', '"port": "tfjs"'),
        );
      }
      await folder.ask('render', 'reports/copy');
      return folder.ask('merge', report, 'reports/copy', '--out', 'merged');
    },
  },
  {
    name: 'a run on another list, merged with it',
    async breakIt(folder) {
      await folder.edit('street/val.list', dropLast);
      await folder.ask('test', 'small.txt', mode, '--device', 'cpu', '--port', 'tfjs');
      const runs = (await readdir(join(folder.path, 'reports'))).map((name) => join('reports', name));
      return folder.ask('merge', ...runs, '--out', 'merged');
    },
  },
  ...[
    ['a label', (folder: BreakFolder) => copyIn(folder, labelOf(0), labelOf(1), true)] as const,
    ['a picture', (folder: BreakFolder) => copyIn(folder, pictureOf(0), pictureOf(1), true)] as const,
    [
      'the transforms',
      (folder: BreakFolder) => folder.edit('small.yml', (yml) => yml.replaceAll('0.485', '0.1')),
    ] as const,
    ['the weights', (folder: BreakFolder) => copyIn(folder, `${trained}/iter_2/model.pdparams`, best, true)] as const,
  ].map(
    ([what, change]): BreakRow => ({
      name: `${what} changed before val --resume`,
      breakIt: (folder) => resumeAfter(folder, () => change(folder)),
    }),
  ),
];
