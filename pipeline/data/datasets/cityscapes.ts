import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, UserError } from '../../../harness/support/errors.js';
import { oneOf, text } from '../../yml/arguments.js';
import { defineDataSet, type Mode, noEdges, type Pair, transformList } from '../data-set.js';

const imageEnding = '_leftImg8bit.png';
const labelEnding = '_gtFine_labelTrainIds.png';

interface Values {
  readonly dataset_root: string;
  readonly mode: Mode;
  readonly transforms: readonly unknown[];
  readonly edge: false;
}

/**
 * Cityscapes: `leftImg8bit/<mode>/<city>/<name>_leftImg8bit.png` and
 * `gtFine/<mode>/<city>/<name>_gtFine_labelTrainIds.png`, 19 classes, 255 ignored, in the order of the images' paths.
 *
 * Source: datasets/cityscapes.py of PaddleSeg 2.8.0. Differs: image and label are paired by city and name. PaddleSeg
 * pairs the two sorted lists by position, and so gives every image after a missing one the label of another. Mode
 * `test` needs no labels.
 */
export const dataSet = defineDataSet<Values>({
  type: 'Cityscapes',
  arguments: {
    dataset_root: text(),
    mode: oneOf(['train', 'val', 'test'], 'train'),
    transforms: transformList,
    edge: noEdges,
  },
  async open({ dataset_root: root, mode }, section) {
    const images = await listByName(join(root, 'leftImg8bit', mode), imageEnding, section.originOf('dataset_root'));
    const labelFolder = join(root, 'gtFine', mode);
    const labels =
      mode === 'test' ? new Map() : await listByName(labelFolder, labelEnding, section.originOf('dataset_root'));
    if (mode !== 'test') validatePairs(images, labels, section.originOf());
    const pairs: Pair[] = [...images].map(([name, image]) => ({ image, label: labels.get(name) ?? null }));
    return { origin: section.originOf(), mode, pairs, classes: 19, ignoreIndex: 255, channels: 3 };
  },
});

/** `<city>/<name>` → path, sorted by path as Python sorts it. */
async function listByName(folder: string, ending: string, origin: string): Promise<Map<string, string>> {
  const found: [string, string][] = [];
  for (const city of await listFolder(folder, origin)) {
    if (!(await stat(join(folder, city))).isDirectory()) continue;
    const files = (await readdir(join(folder, city))).filter((file) => file.endsWith(ending) && !file.startsWith('.'));
    for (const file of files) found.push([`${city}/${file.slice(0, -ending.length)}`, join(folder, city, file)]);
  }
  return new Map(found.sort(([, a], [, b]) => (a < b ? -1 : 1)));
}

async function listFolder(folder: string, origin: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.'));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw error;
    throw new UserError(
      `Cannot use ${origin}: there is no folder ${folder}; Cityscapes with its folders leftImg8bit and gtFine is wanted`,
    );
  }
}

function validatePairs(images: ReadonlyMap<string, string>, labels: ReadonlyMap<string, string>, origin: string): void {
  const bare = [...images.keys()].filter((name) => !labels.has(name));
  if (bare.length > 0) throw unpaired(origin, bare, images, `${labelEnding} label`, 'a label for every image');
  const stray = [...labels.keys()].filter((name) => !images.has(name));
  if (stray.length > 0) throw unpaired(origin, stray, labels, `${imageEnding} image`, 'an image for every label');
}

function unpaired(
  origin: string,
  names: readonly string[],
  paths: ReadonlyMap<string, string>,
  lacking: string,
  wanted: string,
): UserError {
  const more = names.length === 1 ? '' : ` (and ${names.length - 1} more)`;
  return new UserError(
    `Cannot use ${origin}: ${paths.get(names[0]!)}${more} has no *${lacking} of its name; ${wanted} is wanted. Fix: PaddleSeg's tools/data/convert_cityscapes.py makes labelTrainIds`,
  );
}
