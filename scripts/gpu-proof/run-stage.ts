import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recogniseRounding } from '../../harness/result/record/recognise-rounding.js';
import type { Result } from '../../harness/result/record/result.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { describeEnd } from '../../harness/support/describe-end.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { parseJson } from '../../harness/support/parse-json.js';
import { runProgram } from '../../harness/support/run-program.js';
import type { Diagnosis } from '../diagnose.js';
import type { Stage } from './stages.js';

/** How a stage ended. */
export interface StageEnd {
  readonly name: string;
  readonly device: 'cpu' | 'gpu';
  readonly args: readonly string[];
  /** `not run`: the environment lacks something, exit code 3. */
  readonly outcome: 'as wanted' | 'not as wanted' | 'not run' | 'too slow';
  readonly exitCode: number | null;
  readonly seconds: number;
  /** Why, in one sentence; null where all is as wanted. */
  readonly because: string | null;
}

/** Runs a stage in a process of its own, and ends it at its limit. */
export async function runStage(stage: Stage, folder: string): Promise<StageEnd> {
  const startedAt = performance.now();
  const end = await runProgram(process.execPath, [join(packageRoot, 'cli', 'tipcheck.mjs'), ...stage.args], {
    stdin: 'ignore',
    env: { TIPCHECK_SKIP_ENSURE: '1', ...stage.environment },
    timeoutMs: stage.limitS * 1000,
  });
  const { name, device, args, limitS } = stage;
  const seconds = (performance.now() - startedAt) / 1000;
  const known = { name, device, args, seconds, exitCode: end.timedOut ? null : (end.exitCode ?? null) };
  if (end.timedOut) return { ...known, outcome: 'too slow', because: `it took more than ${limitS} s` };
  if (stage.ports !== undefined && isJson(end.stdout)) {
    await writeAtomicFile(join(folder, name, 'doctor.json'), `${end.stdout}\n`);
    const failure = findFailure(end.stdout, stage.ports);
    return { ...known, outcome: failure === null ? 'as wanted' : 'not run', because: failure };
  }
  const said = findReason(`${end.stdout}\n${end.stderr}`) ?? describeEnd(end);
  if (end.exitCode === 3) return { ...known, outcome: 'not run', because: said };
  if (end.exitCode !== stage.expected) return { ...known, outcome: 'not as wanted', because: said };
  const fault = await findMissing(stage, join(folder, name));
  return { ...known, outcome: fault === null ? 'as wanted' : 'not as wanted', because: fault };
}

function isJson(text: string): boolean {
  return text.trimStart().startsWith('{');
}

/** Why one of the ports does not run. */
function findFailure(diagnosis: string, ports: readonly string[]): string | null {
  const { engines } = parseJson(diagnosis) as Pick<Diagnosis, 'engines'>;
  return engines.find(({ port, report }) => ports.includes(port) && report === null)?.failure ?? null;
}

/** The sentence that says what could not be done, else what failed first. */
function findReason(text: string): string | null {
  const lines = text.split('\n').map((line) => line.trim());
  const sentence = lines.flatMap((line) => /Cannot [a-z].*/.exec(line)?.[0] ?? []);
  return sentence[0] ?? lines.find((line) => /^(fail|error) /.test(line)) ?? null;
}

/** What a result lacks that ended as it should. */
async function findMissing({ shows }: Stage, folder: string): Promise<string | null> {
  if (shows === 'an engine') return null;
  const result = await readResult(folder);
  if (result === null) return 'it left no result';
  if (shows === 'agreement') return null;
  const [found] = result.cases;
  return found !== undefined && recogniseRounding(found) === 10
    ? null
    : 'products of TF32 are red, and are not named as the cause';
}

/** Null where a stage left none. */
export async function readResult(folder: string): Promise<Result | null> {
  const path = join(folder, 'result.json');
  return existsSync(path) ? (parseJson(await readFile(path, 'utf8')) as Result) : null;
}
