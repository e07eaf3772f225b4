import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type BreakFolder, type Outcome, output, trained } from './break-folder.js';
import type { BreakRow } from './break-row.js';

export const best = `${trained}/best_model/model.pdparams`;

export function rendered(name: string, change: (text: string) => string, inPlan = false): BreakRow {
  return {
    name,
    async breakIt(folder) {
      await folder.editReport('result.json', change);
      if (inPlan) await folder.editReport('plan.json', change);
      return renderAndVerify(folder);
    },
  };
}

export function recorded(name: string, file: string, change: (text: string) => string): BreakRow {
  return { name, breakIt: (folder) => verifyAfter(folder, () => folder.editReport(file, change)) };
}

export function judged(name: string, ending: string, change: (text: string) => string): BreakRow {
  return recorded(name, `ort/judge-1/ort${ending}`, change);
}

export async function verifyAfter(folder: BreakFolder, work: () => Promise<unknown>): Promise<Outcome> {
  await work();
  return folder.ask('verify', await folder.report());
}

/**
 * The reports are made again, so that only the record itself can tell. Where `render` refuses it, that is the answer.
 */
export async function renderAndVerify(folder: BreakFolder): Promise<Outcome> {
  const report = await folder.report();
  const made = await folder.ask('render', report);
  if (made.exitCode === 2) return made;
  return folder.ask('verify', report);
}

/** Green only if the resumed evaluation says what a fresh one says. */
export async function resumeAfter(folder: BreakFolder, change: () => Promise<unknown>): Promise<Outcome> {
  const args = ['val', '--config', 'small.yml', '--model_path', best, '--save_dir', 'kept'];
  const first = miouOf(await folder.ask(...args));
  await change();
  const resumed = await folder.ask(...args, '--resume');
  if (resumed.exitCode !== 0) return resumed;
  const fresh = await folder.ask(...args.slice(0, -1), 'anew');
  const [found, wanted] = [miouOf(resumed), miouOf(fresh)];
  if (wanted === first) throw new Error(`what was changed changes nothing: ${wanted} before and after`);
  return found === wanted
    ? { exitCode: 1, output: 'evaluated again' }
    : { exitCode: 0, output: `${found} is old; ${wanted} is right` };
}

function miouOf({ output }: Outcome): string {
  const [found] = /mIoU: .+/.exec(output) ?? [];
  if (found === undefined) throw new Error(`it says no mIoU: ${output.slice(-500)}`);
  return found;
}

export function raiseMiou(text: string): string {
  return text.replace(/("mIoU": ?)0\.\d+/g, '$10.95').replace(/mIoU 0\.\d+/g, 'mIoU 0.9500');
}

export function dropLast(list: string): string {
  return `${list.trim().split('\n').slice(0, -1).join('\n')}\n`;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export async function logOf(folder: BreakFolder, ending: string): Promise<string> {
  const names = await readdir(join(folder.path, output));
  return join(folder.path, output, names.find((name) => name.endsWith(ending))!);
}

export async function editLog(folder: BreakFolder, ending: string, change: (text: string) => string): Promise<void> {
  const path = await logOf(folder, ending);
  return folder.edit(path.slice(folder.path.length + 1), change);
}

export async function listMasks(folder: BreakFolder): Promise<readonly string[]> {
  const names = await readdir(join(folder.path, output), { recursive: true });
  return names.filter((name) => /_results.*\.png$/.test(name)).map((name) => join(output, name));
}

export async function swap(a: string, b: string): Promise<void> {
  await rename(a, `${a}.aside`);
  await rename(b, a);
  await rename(`${a}.aside`, b);
}

export async function copyIn(folder: BreakFolder, from: string, to: string, mustDiffer: boolean): Promise<void> {
  const [source, target] = await Promise.all([from, to].map((name) => readFile(join(folder.path, name))));
  if (mustDiffer && source!.equals(target!)) throw new Error(`${from} and ${to} are equal: nothing is broken`);
  await copyFile(join(folder.path, from), join(folder.path, to));
}
