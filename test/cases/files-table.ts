import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findImageInput } from '../../onnx/image-input.js';
import { readOnnxModel } from '../../onnx/read-model.js';
import type { CaseRow, CaseTable } from './case-row.js';
import type { Place, Ran } from './place.js';
import { readMasks } from './read-masks.js';

const texts = 'B9 texts';
const oneChannel = 'C11 one channel';
const pictures = 'C12 pictures';
const details = 'B10 TIPC details';
const padding = /RandomPaddingCrop \(\S+\.yml:\d+\) pads with 255.*ignore_index is 4.*Fix: label_padding_value: 4/;
const mend = 'g_3classes_label_padding4.yml';
const weights = 'out-g/best_model/model.pdparams';
const grey = 'out-8/iter_4/model.pdparams';

/** What people have: ymls, TIPC files and pictures. */
export const filesTable: CaseTable = {
  name: 'files',
  python: ['numpy', 'PIL'],
  async prepare(place) {
    const { exitCode, stderr } = await place.shell('cp "$CASES"/files/* . && python3 make-data.py');
    if (exitCode !== 0) throw new Error(stderr);
  },
  rows: [
    refused('c padding', texts, 'train --config c_3classes_ds4_loss4.yml --do_eval --save_dir out-c', {
      ...{ says: [padding], saysNot: [/iter: 1\//] },
    }),
    refused('h late padding', texts, 'train --config h_late.yml --do_eval --save_dir out-h', {
      ...{ says: [padding], saysNot: [/iter: 1\//] },
    }),
    {
      ...{ name: 'g label_padding_value', point: texts, exit: [0], says: [/mIoU: 0\.1474/] },
      run: trained,
      check: (place) => wantFiles(place, 'out-g/iter_4', /model\.pdparams/, 1),
    },
    refused('lrsci', texts, 'train --config lrsci.yml --save_dir out-l', {
      ...{ says: [/lrsci\.yml:\d+/, /1\.0e-3/] },
    }),
    {
      ...{ name: 'g8 train', point: oneChannel, exit: [0], run: trainedGrey },
      check: (place) => wantFiles(place, 'out-8/iter_4', /model\.pdparams/, 1),
    },
    works('g8 train --do_eval', oneChannel, 'train --config g8.yml --do_eval --save_dir out-8e', [/mIoU: \d/]),
    {
      ...{ name: 'g8 val', point: oneChannel, exit: [0], says: [/mIoU: \d/] },
      run: (place) => afterGrey(place, `val --config g8.yml --model_path ${grey}`),
      async check(place, { stdout }) {
        const other = await afterGrey(place, `val --config g8.yml --model_path ${grey} --port tfjs`);
        const [found, wanted] = [stdout, other.stdout].map((text) => Number(/mIoU: (\S+)/.exec(text)?.[1]));
        return Math.abs(found! - wanted!) <= 1e-3 ? [] : [`mIoU ${found}; tfjs has ${wanted}`];
      },
    },
    {
      ...{ name: 'g8 predict', point: oneChannel, exit: [0] },
      run: (place) =>
        afterGrey(place, `predict --config g8.yml --model_path ${grey} --image_path g8/infer.txt --save_dir p-8`),
      check: (place) => wantMasks(place, 'p-8/pseudo_color_prediction', 2),
    },
    {
      ...{ name: 'g8 export', point: oneChannel, exit: [0], run: exportedGrey },
      async check(place) {
        const path = place.path('e-8', 'model.onnx');
        const image = findImageInput((await readOnnxModel(path)).graph, path);
        const channels = image.type?.tensorType?.shape?.dim?.[1]?.dimValue;
        return channels === 1n ? [] : [`the graph has ${channels} channels; 1 is wanted`];
      },
    },
    {
      ...{ name: 'g8 infer', point: oneChannel, exit: [0] },
      async run(place) {
        await exportedGrey(place);
        return typed(place, 'infer --config e-8/deploy.yaml --image_path g8/infer.txt --save_dir i-8');
      },
      check: (place) => wantFiles(place, 'i-8', /\.png$/, 2),
    },
    afterTraining('float32.tif val', [2], evaluation('float32'), { says: [/float32\.tif/, /float32/] }),
    afterTraining('rgb.tif val', [0], evaluation('rgb_tif'), { says: [/mIoU: \d/] }),
    {
      ...afterTraining('rgb.webp val', [0], evaluation('rgb_webp'), { says: [/mIoU: \d/] }),
      async check(place, { stdout }) {
        const other = await typed(place, evaluation('rgb_tif'));
        const [found, wanted] = [stdout, other.stdout].map((text) => /mIoU: .+/.exec(text)?.[0]);
        return found === wanted ? [] : [`${found}; of rgb.tif it is ${wanted}`];
      },
    },
    ...['rgb.tif', 'rgb.webp'].map(
      (file): CaseRow => ({
        ...afterTraining(`${file} predict`, [0], prediction(`data/${file}`, `p-${file}`)),
        check: (place) => wantMasks(place, `p-${file}/pseudo_color_prediction`, 1),
      }),
    ),
    afterTraining('float32.tif predict', [2], prediction('data/float32.tif', 'p-f'), {
      says: [/float32\.tif/, /float32/],
    }),
    {
      ...afterTraining('mixed predict', [0], prediction('mixed', 'p-m'), { says: [/notes\.txt/, /\b1\b/] }),
      check: (place) => wantMasks(place, 'p-m/pseudo_color_prediction', 3),
    },
    ...['lite_train_lite_infer', 'benchmark_train'].map((mode) => explainedAlike('bom.txt', mode)),
    explainedAlike('trailing.txt', 'lite_train_lite_infer'),
    {
      ...{ name: 'trailing.txt benchmark_train', point: details, exit: [0, 2] },
      run: (place) => typed(place, 'explain trailing.txt benchmark_train'),
      check: async (_place, { exitCode, stderr }) =>
        exitCode === 0 || /trailing\.txt.*\b5\d\b/.test(stderr) ? [] : ['the line is not named'],
    },
  ],
};

interface More {
  readonly says?: readonly RegExp[];
  readonly saysNot?: readonly RegExp[];
}

const typed = (place: Place, command: string): Promise<Ran> => place.tipcheck(command.split(' '));
function evaluation(list: string): string {
  return `val --config ${mend} --model_path ${weights} --opts val_dataset.val_path=data/${list}.txt`;
}

function prediction(image: string, out: string): string {
  return `predict --config ${mend} --model_path ${weights} --image_path ${image} --save_dir ${out}`;
}

function refused(name: string, point: string, command: string, more: More): CaseRow {
  return { name, point, exit: [2], run: (place) => typed(place, command), ...more };
}

function works(name: string, point: string, command: string, says: readonly RegExp[]): CaseRow {
  return { name, point, exit: [0], says, run: (place) => typed(place, command) };
}

function afterTraining(name: string, exit: readonly number[], command: string, more: More = {}): CaseRow {
  return {
    ...{ name, point: pictures, exit },
    ...more,
    async run(place) {
      await trained(place);
      return typed(place, command);
    },
  };
}

function trained(place: Place): Promise<Ran> {
  return place.once('out-g', () => typed(place, `train --config ${mend} --do_eval --save_dir out-g`));
}

function trainedGrey(place: Place): Promise<Ran> {
  return place.once('out-8', () => typed(place, 'train --config g8.yml --save_dir out-8'));
}

async function afterGrey(place: Place, command: string): Promise<Ran> {
  await trainedGrey(place);
  return typed(place, command);
}

function exportedGrey(place: Place): Promise<Ran> {
  return place.once('e-8', () => afterGrey(place, `export --config g8.yml --model_path ${grey} --save_dir e-8`));
}

/** The plan is that of the project's own file. */
function explainedAlike(file: string, mode: string): CaseRow {
  return {
    ...{ name: `${file} ${mode}`, point: details, exit: [0] },
    run: (place) => typed(place, `explain ${file} ${mode}`),
    async check(place, { stdout }) {
      // Only the mark and the blanks are taken away: what remains is the file as the scripts of TIPC read it.
      const plain = (await readFile(place.path(file), 'utf8')).replace(/^\uFEFF/, '').replace(/[ \t]+$/gm, '');
      await place.shell(`mkdir -p plain`);
      await writeFile(place.path('plain', file), plain);
      const own = await place.tipcheck(['explain', `plain/${file}`, mode]);
      const commands = (text: string) =>
        text
          .split('\n')
          .filter((line) => /python/.test(line))
          .map((line) => line.replaceAll('plain/', '').trimEnd());
      return commands(stdout).length > 0 && commands(stdout).join('\n') === commands(own.stdout).join('\n')
        ? []
        : ['the plan differs from that of the plain file'];
    },
  };
}

async function wantFiles(place: Place, folder: string, pattern: RegExp, count: number): Promise<readonly string[]> {
  const names = await readdir(place.path(folder), { recursive: true }).catch(() => []);
  const found = names.filter((name) => pattern.test(name));
  return found.length === count ? [] : [`${folder} holds ${found.length} files ${pattern}; ${count} are wanted`];
}

async function wantMasks(place: Place, folder: string, count: number): Promise<readonly string[]> {
  const wrong = await wantFiles(place, folder, /\.png$/, count);
  if (wrong.length > 0) return wrong;
  const names = (await readdir(place.path(folder), { recursive: true })).filter((name) => name.endsWith('.png'));
  const masks = await readMasks(names.map((name) => join(place.path(folder), name)));
  return masks.every((mask) => mask.length > 0) ? [] : ['a mask is empty'];
}
