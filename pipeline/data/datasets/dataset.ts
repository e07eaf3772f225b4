import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { budgets } from '../../../harness/support/budgets.js';
import { UserError } from '../../../harness/support/errors.js';
import { whyUnread } from '../../../harness/support/explain-system.js';
import { refuseLfsPointer } from '../../../harness/support/lfs-pointer.js';
import { readPlain } from '../../../harness/support/plain-file.js';
import { argumentError, integerFrom, oneOf, optional, text } from '../../yml/arguments.js';
import type { Section } from '../../yml/section.js';
import { defineDataSet, type Mode, noEdges, type Pair, transformList } from '../data-set.js';

interface Values {
  readonly mode: Mode;
  readonly dataset_root: string;
  readonly transforms: readonly unknown[];
  readonly num_classes: number;
  readonly img_channels: number;
  readonly train_path: string | null;
  readonly val_path: string | null;
  readonly test_path: string | null;
  readonly separator: string;
  readonly ignore_index: number;
  readonly edge: false;
}

/**
 * Any data set that a text file lists: a line is `<image><separator><label>`, relative to `dataset_root`. Lines of mode
 * `test` may be an image alone.
 *
 * Source: datasets/dataset.py of PaddleSeg 2.8.0.
 */
export const dataSet = defineDataSet<Values>({
  type: 'Dataset',
  arguments: {
    mode: oneOf(['train', 'val', 'test']),
    dataset_root: text(),
    transforms: transformList,
    num_classes: integerFrom(1),
    img_channels: integerFrom(1, 3),
    train_path: optional(text()),
    val_path: optional(text()),
    test_path: optional(text()),
    separator: text(' '),
    ignore_index: integerFrom(0, 255),
    edge: noEdges,
  },
  async open(values, section) {
    const { mode, dataset_root: root, img_channels: channels } = values;
    if (channels !== 1 && channels !== 3) throw argumentError(section, 'img_channels', '1 or 3');
    await validateRoot(root, section);
    const path = values[`${mode}_path`];
    if (path === null) throw argumentError(section, `${mode}_path`, `a list of the images of mode ${mode}`);
    const pairs = parseList(await readList(path, section.originOf(`${mode}_path`)), path, root, values);
    return {
      origin: section.originOf(),
      mode,
      pairs,
      classes: values.num_classes,
      ignoreIndex: values.ignore_index,
      channels,
    };
  },
});

async function validateRoot(root: string, section: Section): Promise<void> {
  try {
    await stat(root);
  } catch (error) {
    const why = whyUnread(error, root, 'which does not exist');
    throw new UserError(
      `Cannot use ${section.originOf('dataset_root')}: dataset_root is ${root}, ${why}; a folder, from where the command runs, is wanted`,
    );
  }
}

async function readList(path: string, origin: string): Promise<string> {
  try {
    const bytes = await readPlain(path, budgets.textBytes);
    refuseLfsPointer(bytes, `the list ${path}`);
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    const why = whyUnread(error, path);
    throw new UserError(
      `Cannot read the list ${path} of ${origin}: ${why}; a text file of images and labels is wanted`,
    );
  }
}

/** Python's lines, stripped and split: an empty line is one empty field. */
function parseList(list: string, path: string, root: string, { mode, separator }: Values): Pair[] {
  const lines = list.split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, index) => {
    const fields = line.trim().split(separator);
    if (fields.length === 2) return { image: joinTo(root, fields[0]!), label: joinTo(root, fields[1]!) };
    if (mode === 'test' && fields[0] !== '') return { image: joinTo(root, fields[0]!), label: null };
    const held = fields[0] === '' ? 'an empty line' : `${fields.length} field${fields.length === 1 ? '' : 's'}`;
    throw new UserError(
      `Cannot use ${path}:${index + 1}: it holds ${held}; an image and its label with ${JSON.stringify(separator)} between them are wanted`,
    );
  });
}

/** os.path.join: a path from the root of the disk stays what it is. */
function joinTo(root: string, file: string): string {
  return isAbsolute(file) ? file : join(root, file);
}
