import { copyFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { type BreakFolder, labelOf, mode, pictureOf } from './break-folder.js';
import type { BreakRow } from './break-row.js';

const train = 'street/train.list';
const val = 'street/val.list';
const infer = 'street/infer.list';
const yml = 'small.yml';
const text = 'small.txt';

/** What is broken before a run: yml, lists, pictures, the text file. */
export const breaksBefore: readonly BreakRow[] = [
  edited('every learning rate is 0', yml, (yml) =>
    yml.replace('learning_rate: 3.0e-3', 'learning_rate: 0').replace('end_lr: 1.0e-6', 'end_lr: 0'),
  ),
  edited('a learning rate too small to move a weight', yml, (yml) =>
    yml.replace('learning_rate: 3.0e-3', 'learning_rate: 1.0e-30').replace('end_lr: 1.0e-6', 'end_lr: 1.0e-30'),
  ),
  edited('a learning rate that runs away', yml, (yml) => yml.replace('3.0e-3', '1.0e+30')),
  edited('an empty list for validation', val, () => ''),
  { ...edited('an empty list for training', train, () => ''), quick: true },
  { ...edited('a list for validation that repeats one picture', val, repeatFirst), mayBeReduced: true },
  { ...edited('a list for training that repeats one picture', train, repeatFirst), mayBeReduced: true },
  {
    ...edited('a list for inference that repeats one picture', infer, repeatFirst),
    ...{ mayBeReduced: true, quick: true },
  },
  {
    ...edited('validation on the list of training', yml, (yml) => yml.replace('street/val.list', train)),
    mayBeReduced: true,
  },
  {
    name: 'a list for validation that is a copy of that of training',
    mayBeReduced: true,
    async breakIt(folder) {
      await copyFile(join(folder.path, train), join(folder.path, val));
      return folder.run();
    },
  },
  {
    name: 'a list for validation that links to that of training',
    mayBeReduced: true,
    async breakIt(folder) {
      await rm(join(folder.path, val));
      await symlink('train.list', join(folder.path, val));
      return folder.run();
    },
  },
  {
    name: 'inference on the pictures of training',
    mayBeReduced: true,
    async breakIt(folder) {
      const lines = (await folder.read(train)).split('\n').map((line) => line.split(' ')[0]);
      await writeFile(join(folder.path, infer), lines.slice(0, 3).join('\n'));
      return folder.run();
    },
  },
  {
    ...edited('an --iters line without the mode', text, (text) =>
      text.replace('--iters:lite_train_lite_infer=4', '--iters:Lite_Train_Lite_Infer=4'),
    ),
    mayBeReduced: true,
  },
  {
    ...edited('a --batch_size line without the mode', text, (text) =>
      text.replace('--batch_size:lite_train_lite_infer=2', '--batch_size:Lite_Train_Lite_Infer=2'),
    ),
    mayBeReduced: true,
  },
  edited('one iteration', text, (text) => text.replace('lite_train_lite_infer=4', 'lite_train_lite_infer=1')),
  edited("an argument that PaddleSeg's val.py refuses", text, (text) =>
    text.replace('--model_path:null', 'Global.pretrained_model:null'),
  ),
  edited('num_classes below the labels', yml, (yml) => yml.replaceAll('num_classes: 19', 'num_classes: 5')),
  edited('num_classes of the data sets other than that of the model', yml, (yml) =>
    yml.replace('num_classes: 19', 'num_classes: 7'),
  ),
  {
    name: 'labels of validation that are all ignored',
    async breakIt(folder) {
      await writeFile(join(folder.path, 'street', 'ignored.png'), grey(512, 256, 255));
      await folder.edit(val, (list) => list.replace(/ .+/g, ' ignored.png'));
      return folder.run();
    },
  },
  {
    name: 'labels of training that are all ignored',
    async breakIt(folder) {
      await writeFile(join(folder.path, 'street', 'ignored.png'), grey(512, 256, 255));
      await folder.edit(train, (list) => list.replace(/ .+/g, ' ignored.png'));
      return folder.run();
    },
  },
  {
    name: 'a label of another size',
    async breakIt(folder) {
      await writeFile(join(folder.path, labelOf(2)), grey(100, 50, 1));
      return folder.run();
    },
  },
  {
    name: 'one label for every picture of validation',
    mayBeReduced: true,
    async breakIt(folder) {
      const label = labelOf(0).slice('street/'.length);
      await folder.edit(val, (list) => list.replace(/ .+/g, ` ${label}`));
      return folder.run();
    },
  },
  edited('pictures as their labels', val, (list) => list.replace(/^(\S+) .+$/gm, '$1 $1')),
  {
    name: 'a picture of validation that is cut',
    async breakIt(folder) {
      await truncate(join(folder.path, pictureOf(3)), 1000);
      return folder.run();
    },
  },
  {
    name: 'a picture of inference that is cut',
    async breakIt(folder) {
      await folder.edit(infer, (list) => list.replace('000001', '000004'));
      await truncate(join(folder.path, pictureOf(4)), 1000);
      await folder.edit(val, (list) => list.replace(/^.*street_000004.*\n/m, ''));
      return folder.run();
    },
  },
  {
    name: 'a picture that is gone',
    quick: true,
    async breakIt(folder) {
      await rm(join(folder.path, pictureOf(3)));
      return folder.run();
    },
  },
  {
    name: 'no pictures at all: prepare puts its own there',
    mayBeReduced: true,
    async breakIt(folder) {
      await rm(join(folder.path, 'street'), { recursive: true });
      await folder.edit(yml, (yml) =>
        yml.replaceAll('type: Dataset', 'type: Cityscapes').replace(/^ {2}((train|val)_path|num_classes).*\n/gm, ''),
      );
      await folder.edit(text, (text) => text.replaceAll('street/infer.list', 'street/leftImg8bit/val/street'));
      return folder.run();
    },
  },
  // Without a device, which tools/export.py would refuse.
  {
    ...edited('an evaluation by the script of exports', text, (text) =>
      text
        .replace('eval:tools/val.py --config small.yml', 'eval:tools/export.py --config small.yml --save_dir exported')
        .replace('--device:cpu', 'null:null'),
    ),
    quick: true,
  },
  edited('a training by the script of exports', text, (text) =>
    text
      .replace(/norm_train:tools\/train.py .*/, 'norm_train:tools/export.py --config small.yml')
      .replace('--device:cpu', 'null:null')
      .replace(/--(iters|batch_size):lite.*/g, 'null:null'),
  ),
  edited('an export by the script of evaluations', text, (text) =>
    text
      .replace('norm_export:tools/export.py', 'norm_export:tools/val.py')
      .replace(/(export_params=+\n)--save_dir:/, '$1null:'),
  ),
  edited('inference by the script of exports', text, (text) =>
    text.replace(
      /inference:deploy[\s\S]*$/,
      () => `inference:tools/export.py --config small.yml\n${[...'0123456789'].map(() => 'null:null\n').join('')}`,
    ),
  ),
  edited('an export of another yml', text, (text) =>
    text.replace('norm_export:tools/export.py --config small.yml', 'norm_export:tools/export.py --config other.yml'),
  ),
  {
    name: 'an evaluation by another yml, with a list of two pictures',
    mayBeReduced: true,
    async breakIt(folder) {
      const list = (await folder.read(val)).split('\n').slice(0, 2).join('\n');
      await writeFile(join(folder.path, 'street', 'two.list'), list);
      await writeFile(join(folder.path, 'other.yml'), (await folder.read(yml)).replace(val, 'street/two.list'));
      await folder.edit(text, (text) =>
        text.replace('eval:tools/val.py --config small.yml', 'eval:tools/val.py --config other.yml'),
      );
      return folder.run();
    },
  },
];

/** A text file is changed, then the run is made. */
function edited(name: string, file: string, change: (text: string) => string): BreakRow {
  return {
    name,
    async breakIt(folder: BreakFolder) {
      await folder.edit(file, change);
      return folder.run(mode);
    },
  };
}

function repeatFirst(list: string): string {
  const lines = list.trim().split('\n');
  return `${lines.map(() => lines[0]).join('\n')}\n`;
}

function grey(width: number, height: number, value: number): Uint8Array {
  return encode({ width, height, channels: 1, depth: 8, data: new Uint8Array(width * height).fill(value) });
}
