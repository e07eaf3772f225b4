import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import type { FuzzTarget } from './fuzz-target.js';
import { judgeReading } from './judge-reading.js';
import { mutate, mutations } from './mutate.js';

/** What a worker says on its last line. */
export interface FuzzReport {
  readonly inputs: number;
  readonly read: number;
  /** What went wrong, after the changes were made as few as possible; null if nothing did. */
  readonly fault: string | null;
}

/** Reads changed files of one format until its time is over: module of the targets, name, folder, seed, seconds. */
async function work([module, name, folder, seed, seconds]: readonly string[]): Promise<FuzzReport> {
  const { targets }: { targets: readonly FuzzTarget[] } = await import(pathToFileURL(module!).href);
  const target = targets.find((candidate) => candidate.name === name)!;
  const path = join(folder!, target.file);
  mkdirSync(dirname(path), { recursive: true });
  process.chdir(folder!);
  await target.begin?.(folder!);
  const samples = await target.samples();
  for (const [at, sample] of samples.entries()) {
    const found = await judgeReading(target, path, sample).catch(String);
    if (found !== 'read')
      return { inputs: 0, read: 0, fault: `sample ${at} is not read: ${found}${await reasonOf(target, path, sample)}` };
  }
  const counts = { inputs: 0, read: 0 };
  const property = fc.asyncProperty(mutations(samples.length, target.isText), async ({ sample, edits }) => {
    const changed = mutate(samples[sample]!, edits);
    for (const bytes of target.repair === undefined ? [changed] : [changed, target.repair(changed)]) {
      const found = await judgeReading(target, path, bytes);
      counts.inputs++;
      if (found === 'read') counts.read++;
    }
  });
  const options = { seed: Number(seed), numRuns: 1e9, interruptAfterTimeLimit: Number(seconds) * 1000 };
  const details = await fc.check(property, { ...options, markInterruptAsFailure: false });
  if (!details.failed) return { ...counts, fault: null };
  const [found] = details.counterexample ?? [];
  const error =
    details.errorInstance instanceof Error ? details.errorInstance : new Error(String(details.errorInstance));
  return { ...counts, fault: `${error.stack ?? error.message}\nchanges: ${JSON.stringify(found)}` };
}

async function reasonOf(target: FuzzTarget, path: string, sample: Uint8Array): Promise<string> {
  try {
    await target.read(path, sample);
    return '';
  } catch (error) {
    return ` (${String(error)})`;
  }
}

const report = await work(process.argv.slice(2));
process.stdout.write(`\n${JSON.stringify(report)}\n`);
process.exit(0);
