import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { explainUnwritable, writeAtomicFile } from '../../harness/support/atomic-file.js';
import { UserError } from '../../harness/support/errors.js';
import { packageVersion } from '../../harness/support/package-root.js';
import { planEvaluation } from '../../pipeline/config/evaluation-plan.js';
import { checkFiles } from '../../pipeline/data/check-files.js';
import type { PaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import { marker, shippedData } from '../inputs/stand-in.js';
import { placePrepared } from './place-prepared.js';

/**
 * Sees to it that a yml's data are there. A folder that exists is the user's and is looked at alone; where there is
 * none, the data that were given are linked, else the shipped ones copied, and a file in the folder says so.
 * @returns what was done, a sentence
 * @throws UserError for data that do not exist and that nothing can stand in for
 */
export async function prepareData(config: PaddleSegConfig, given: string | null): Promise<string> {
  const roots = new Set(['train_dataset', 'val_dataset'].flatMap((key) => rootOf(config, key) ?? []));
  const done: string[] = [];
  for (const { root, type } of [...roots].map((root) => ({ root, type: typeOf(config, root) }))) {
    if (existsSync(root)) done.push(`${root} is there${existsSync(join(root, marker)) ? ', made by tipcheck' : ''}`);
    else done.push(await makeData(root, type, given, config.path));
  }
  const { recipe } = await planEvaluation(config);
  await checkFiles(recipe.dataSet);
  return `${done.join('; ')}: ${recipe.dataSet.pairs.length} pictures to look at`;
}

function rootOf(config: PaddleSegConfig, key: string): string | null {
  const section = config.values[key] as { readonly dataset_root?: unknown } | undefined;
  return typeof section?.dataset_root === 'string' ? section.dataset_root : null;
}

function typeOf(config: PaddleSegConfig, root: string): unknown {
  const key = ['train_dataset', 'val_dataset'].find((name) => rootOf(config, name) === root)!;
  return (config.values[key] as { readonly type?: unknown }).type;
}

async function makeData(root: string, type: unknown, given: string | null, config: string): Promise<string> {
  if (lstatSync(root, { throwIfNoEntry: false }) !== undefined)
    throw new UserError(
      `Cannot prepare the data of ${config}: ${root} is a link to ${readlinkSync(root)}, which is not there; a folder, or nothing, is wanted. Fix: rm ${root}`,
    );
  await placePrepared(root, `the data of ${config}`, 'put the data there, or another dataset_root');
  await mkdir(dirname(root), { recursive: true });
  if (given !== null) {
    if (!existsSync(given)) throw new UserError(`Cannot use --data ${given}: there is no such folder; one is wanted`);
    await symlink(relative(resolve(dirname(root)), resolve(given)), root);
    return `${root} is a link to ${given}`;
  }
  if (type !== 'Cityscapes')
    throw new UserError(
      `Cannot prepare the data of ${config}: there is no ${root}, and tipcheck ships data of the type Cityscapes alone, not ${String(type)}. Fix: put the data there, or --data <folder>`,
    );
  const making = `${root}.${process.pid}.tmp`;
  const made = { madeBy: `tipcheck ${packageVersion}`, from: 'fixtures/street', insteadOf: 'Cityscapes' };
  try {
    await cp(shippedData, making, { recursive: true });
    await writeFile(join(making, marker), `${JSON.stringify(made, null, 2)}\n`);
    await rename(making, root);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw explainUnwritable(error, root);
  }
  return `${root} did not exist; the street scenes that tipcheck ships stand in for Cityscapes, which asks for a licence and is not fetched`;
}

/** How many pictures TIPC's list of Cityscapes has. */
const listed = 5;

/** Writes a list of pictures that commands name and nobody has: the first of val_dataset. */
export async function prepareList(path: string, config: PaddleSegConfig): Promise<string> {
  if (existsSync(path)) return `${path} is there`;
  await placePrepared(path, `the list ${path}`, 'write the list yourself');
  const { recipe } = await planEvaluation(config);
  const pairs = recipe.dataSet.pairs.slice(0, listed);
  const place = (file: string | null) => (file === null ? '' : relative(resolve(dirname(path)), resolve(file)));
  await writeAtomicFile(path, pairs.map(({ image, label }) => `${place(image)} ${place(label)}\n`).join(''));
  return `${path} did not exist; it lists the first ${pairs.length} pictures of ${basename(config.path)}'s val_dataset`;
}
