import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { FuzzTarget } from './fuzz-target.js';
import { runTarget, type TargetRun } from './run-target.js';

/**
 * `npm run fuzz [-- --seconds N] [-- --seed S] [-- --format NAME]`: changes valid files of every format that is read,
 * and holds the readers to it: a value, or an error of one sentence, within its time and memory. Exit codes: 0 nothing
 * was found; 1 something was, with the seed and the file; 2 bad usage.
 */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string' },
      // A machine with other work is allowed for.
      hang: { type: 'string', default: '60' },
      format: { type: 'string', multiple: true },
      targets: { type: 'string', default: join(import.meta.dirname, 'targets.js') },
    },
  });
  const module = resolve(values.targets);
  const { targets }: { targets: readonly FuzzTarget[] } = await import(pathToFileURL(module).href);
  const names = targets.map(({ name }) => name);
  const stray = values.format?.find((name) => !names.includes(name));
  if (stray !== undefined)
    return refuse(`Cannot fuzz ${stray}: there is no such format; one of ${names.join(', ')} is wanted`);
  const [seconds, hangSeconds] = [Number(values.seconds), Number(values.hang)];
  const seed = values.seed === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(values.seed);
  if (!(seconds > 0) || !(hangSeconds > 0) || !Number.isSafeInteger(seed))
    return refuse(
      `Cannot fuzz for ${values.seconds} s with seed ${values.seed}: numbers are wanted, of seconds one above 0`,
    );
  const chosen = targets.filter(({ name }) => values.format?.includes(name) ?? true);
  return fuzz(chosen, { module, seed, seconds: seconds / chosen.length, hangSeconds });
}

type Settings = Pick<TargetRun, 'module' | 'seed' | 'seconds' | 'hangSeconds'>;

async function fuzz(targets: readonly FuzzTarget[], settings: Settings): Promise<number> {
  const { seed } = settings;
  say(`seed ${seed}`);
  const folder = await mkdtemp(join(tmpdir(), 'tipcheck-fuzz-'));
  const faulty: string[] = [];
  let inputs = 0;
  for (const { name, file } of targets) {
    const report = await runTarget({ ...settings, name, file, folder: join(folder, name) });
    const fault = report.fault ?? (report.inputs === 0 ? 'no file was read in its time' : null);
    inputs += report.inputs;
    say(`${fault === null ? 'pass' : 'fail'}  ${name}  ${report.inputs} files, ${report.read} of them read`);
    if (fault === null) continue;
    say(fault);
    faulty.push(name);
  }
  if (faulty.length === 0) {
    await rm(folder, { recursive: true, force: true });
    say(`pass  ${targets.length} formats, ${inputs} files`);
    return 0;
  }
  const again = faulty.map((name) => `npm run fuzz -- --seed ${seed} --format '${name}'`).join('; ');
  say(`fail  ${faulty.join(', ')}. Their last files are in ${folder}. Again: ${again}`);
  return 1;
}

function refuse(message: string): number {
  process.stderr.write(`${message}\n`);
  return 2;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
