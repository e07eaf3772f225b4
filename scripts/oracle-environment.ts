import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomicFile } from '../harness/support/atomic-file.js';
import { cacheFolder } from '../harness/support/cache-folder.js';
import { describeEnd } from '../harness/support/describe-end.js';
import { EnvironmentError } from '../harness/support/errors.js';
import { withNativeLock } from '../harness/support/native-lock.js';
import { packageRoot } from '../harness/support/package-root.js';
import { runProgram } from '../harness/support/run-program.js';

/** Pythons that paddlepaddle 3.3.1 has wheels for and PaddleSeg was tried on, the one tried most first. */
const pythonVersions = ['3.11', '3.12', '3.13', '3.10'];

export interface OracleEnvironment {
  /** The environment's interpreter; run it with the package's folder as working directory. */
  readonly python: string;
}

/**
 * `oracle` makes golden bundles; `bench` holds the peers of the benchmark too, `data` what PaddleSeg reads images with.
 * Without Paddle: `records` reads boards' files, `scores` evaluates predictions by cityscapesscripts.
 */
export type OracleKind = 'oracle' | 'bench' | 'data' | 'records' | 'scores';

const requirementFiles: Record<OracleKind, readonly string[]> = {
  oracle: ['oracle/requirements.txt'],
  bench: ['oracle/requirements.txt', 'oracle/requirements-bench.txt'],
  data: ['oracle/requirements.txt', 'oracle/requirements-data.txt'],
  records: ['oracle/requirements-records.txt'],
  scores: ['oracle/requirements-scores.txt'],
};

/**
 * A Python environment in the cache with exactly what oracle/requirements.txt pins, made where it is not there yet
 * (about 1 GB). Its name holds the hash of the requirements, so a changed file makes a new one. Throws an
 * EnvironmentError that names what is missing.
 */
export async function ensureOracle(
  onLine: (line: string) => void,
  kind: OracleKind = 'oracle',
): Promise<OracleEnvironment> {
  const base = await findPython();
  const folder = cacheFolder('oracle', `${kind}-${await hashRequirements(kind)}-py${base.version}`);
  const environment = { python: join(folder, 'bin', 'python') };
  if (existsSync(doneMark(folder))) return environment;
  await withNativeLock(
    folder,
    async (say) => {
      if (existsSync(doneMark(folder))) return;
      await makeEnvironment(base, folder, kind, (line) => {
        say(line);
        onLine(line);
      });
    },
    (status) => onLine(`Another process is making the oracle's environment: ${status}`),
  );
  return environment;
}

interface BasePython {
  readonly command: string;
  readonly version: string;
}

async function findPython(): Promise<BasePython> {
  const seen: string[] = [];
  for (const command of ['python3', ...pythonVersions.map((version) => `python${version}`), 'python']) {
    const script = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])';
    const { exitCode, stdout, stderr } = await runProgram(command, ['-c', script], {
      stdin: 'ignore',
      timeoutMs: 30_000,
    });
    const version = stdout.trim();
    if (exitCode === 0 && pythonVersions.includes(version)) return { command, version };
    if (exitCode === 0) seen.push(`${command} is ${version}`);
    else if (exitCode !== null && /ensurepip|venv/.test(stderr))
      seen.push(`${command} has no venv (apt install python3-venv)`);
  }
  const found = seen.length === 0 ? 'no Python 3 was found' : seen.join('; ');
  throw new EnvironmentError(
    `Cannot make the oracle's environment: ${found}; Python 3.10 to 3.13 with venv and pip is wanted. Fix: install one of them (Debian, Ubuntu: apt install python3 python3-venv python3-pip)`,
  );
}

/**
 * A virtual environment does not survive being renamed (its programs name their interpreter), so it is made in its
 * place, and a mark says that it is whole. A folder without the mark is what a killed process left.
 */
async function makeEnvironment(
  base: BasePython,
  folder: string,
  kind: OracleKind,
  onLine: (line: string) => void,
): Promise<void> {
  onLine(
    `Making the oracle's Python ${base.version} environment in ${folder} (downloads about ${hasPaddle(kind) ? 250 : 50} MB) …`,
  );
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await run(base.command, ['-m', 'venv', folder], 'make a virtual environment');
  const python = join(folder, 'bin', 'python');
  for (const file of requirementFiles[kind]) {
    onLine(`Installing ${file} …`);
    const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check'];
    await run(python, [...args, '-r', join(packageRoot, file)], `install ${file}`);
  }
  onLine('Trying it …');
  const versions = await run(python, ['-c', trials[kind]], 'run what was installed');
  await writeAtomicFile(doneMark(folder), `${versions}\n`);
  onLine(`The oracle is ready: ${versions}`);
}

const tryPaddle = `
import paddle
assert paddle.matmul(paddle.to_tensor([[1.0, 2.0]]), paddle.to_tensor([[3.0], [4.0]])).item() == 11
print("paddlepaddle", paddle.__version__)
`;

const tryRecords = `
import visualdl
import tensorboard.version
import tensorboard.backend.event_processing.event_file_loader
print("visualdl", visualdl.__version__, "tensorboard", tensorboard.version.VERSION)
`;

const tryScores = `
import cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling
from importlib.metadata import version
print("cityscapesscripts", version("cityscapesscripts"))
`;

const trials: Record<OracleKind, string> = {
  oracle: tryPaddle,
  bench: tryPaddle,
  data: tryPaddle,
  records: tryRecords,
  scores: tryScores,
};

function hasPaddle(kind: OracleKind): boolean {
  return trials[kind] === tryPaddle;
}

async function run(command: string, args: readonly string[], what: string): Promise<string> {
  const end = await runProgram(command, args, { stdin: 'ignore' });
  const { exitCode, stdout, stderr } = end;
  if (exitCode === 0) return stdout.trim();
  const reason = stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('[notice]'))
    .at(-1);
  throw new EnvironmentError(
    `Cannot ${what} for the oracle: ${reason === undefined || reason === '' ? `${command} ended with ${describeEnd(end)}` : reason}`,
  );
}

async function hashRequirements(kind: OracleKind): Promise<string> {
  const hash = createHash('sha256');
  for (const file of requirementFiles[kind]) hash.update(await readFile(join(packageRoot, file)));
  return hash.digest('hex').slice(0, 12);
}

function doneMark(folder: string): string {
  return join(folder, 'tipcheck-ready');
}
