import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../harness/support/package-root.js';
import { tipcheck } from '../tools-for-tests.js';
import { rowConfig, rowText } from './small-run.js';

export const mode = 'lite_train_lite_infer';
export const output = join('test_tipc', 'output', 'small', mode);
export const trained = join(output, 'norm_train_gpus_-1_autocast_null');

/** What came of a command that judges what was broken. */
export interface Outcome {
  readonly exitCode: number | undefined;
  readonly output: string;
}

/** A user's folder with a small network, the street scenes, and three lists of them. */
export interface BreakFolder {
  readonly path: string;
  read(name: string): Promise<string>;
  /** Changes a text file; an edit that changes nothing is an error, since then nothing is broken. */
  edit(name: string, change: (text: string) => string): Promise<void>;
  /** `edit` of a file of the run's folder under reports/. */
  editReport(name: string, change: (text: string) => string): Promise<void>;
  ask(...args: string[]): Promise<Outcome>;
  /** prepare and test. */
  run(asked?: string): Promise<Outcome>;
  /** The run's folder, `reports/…`: the newest. */
  report(): Promise<string>;
}

export function openBreakFolder(path: string): BreakFolder {
  const read = (name: string) => readFile(join(path, name), 'utf8');
  const ask = async (...args: string[]): Promise<Outcome> => {
    const { exitCode, stdout, stderr } = await tipcheck(args, path);
    return { exitCode, output: `${stdout}\n${stderr}` };
  };
  const edit = async (name: string, change: (text: string) => string) => {
    const before = await read(name);
    const after = change(before);
    if (after === before) throw new Error(`${name} is not changed: nothing is broken`);
    await writeFile(join(path, name), after);
  };
  const report = async () => join('reports', (await readdir(join(path, 'reports'))).sort().at(-1)!);
  return {
    ...{ path, read, ask, edit, report },
    editReport: async (name, change) => edit(join(await report(), name), change),
    async run(asked = mode) {
      const prepared = await ask('prepare', 'small.txt', asked);
      if (prepared.exitCode !== 0) return prepared;
      return ask('test', 'small.txt', asked, '--device', 'cpu', '--port', 'ort');
    },
  };
}

export async function makeBreakFolder(path: string): Promise<BreakFolder> {
  await mkdir(path, { recursive: true });
  await cp(join(packageRoot, 'fixtures', 'street'), join(path, 'street'), { recursive: true });
  await writeFile(join(path, 'small.txt'), rowText);
  await writeFile(join(path, 'small.yml'), rowConfig);
  for (const split of ['train', 'val']) {
    const images = await readdir(join(path, 'street', 'leftImg8bit', split, 'street'));
    const lines = images.sort().map((image) => {
      const label = image.replace('leftImg8bit', 'gtFine_labelTrainIds');
      return `leftImg8bit/${split}/street/${image} gtFine/${split}/street/${label}\n`;
    });
    await writeFile(join(path, 'street', `${split}.list`), lines.join(''));
  }
  const inferred = [0, 1].map((number) => `${pictureOf(number).slice('street/'.length)}\n`);
  await writeFile(join(path, 'street', 'infer.list'), inferred.join(''));
  return openBreakFolder(path);
}

export const pictureOf = (number: number): string =>
  `street/leftImg8bit/val/street/street_00000${number}_000019_leftImg8bit.png`;
export const labelOf = (number: number): string =>
  `street/gtFine/val/street/street_00000${number}_000019_gtFine_labelTrainIds.png`;
