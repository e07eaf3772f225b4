import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomicFile } from '../support/atomic-file.js';
import { EnvironmentError } from '../support/errors.js';
import { withNativeLock } from '../support/native-lock.js';
import type { Progress } from '../support/progress.js';
import { runProgram } from '../support/run-program.js';
import { findPython } from './find-tools.js';
import { installPackages } from './install-package.js';
import { isPython, type OnnxEngine, onnxEngineFolder, preparedMark } from './read-onnx-engines.js';

/**
 * Installs an engine's packages into a folder of the cache. Quick where that was done. Throws an EnvironmentError that
 * names what is missing.
 */
export async function prepareOnnxEngine(engine: OnnxEngine, progress: Progress): Promise<void> {
  const folder = onnxEngineFolder(engine);
  const isReady = () => existsSync(preparedMark(folder));
  if (!isReady()) {
    await withNativeLock(
      folder,
      async () => {
        if (isReady()) return;
        progress.step(`Installing ${engine.packages.join(', ')} …`);
        await rm(folder, { recursive: true, force: true });
        await mkdir(folder, { recursive: true });
        await (isPython(engine) ? makeEnvironment : installPackages)(folder, engine.packages);
        await writeAtomicFile(preparedMark(folder), `${JSON.stringify({ packages: engine.packages })}\n`);
      },
      (status) => progress.update(`Another process is preparing ${engine.name}: ${status}`),
    );
  }
  progress.step(`${engine.name}: ready, in ${folder}`);
}

/** A virtual environment names its interpreter, so it is made in its place. */
async function makeEnvironment(folder: string, packages: readonly string[]): Promise<void> {
  const python = await findPython();
  if ('missing' in python)
    throw new EnvironmentError(`Cannot make a Python environment in ${folder}: ${python.missing}`);
  await run(python.command, ['-m', 'venv', folder], `make a Python environment in ${folder}`);
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'];
  await run(join(folder, 'bin', 'python'), [...pip, ...packages], `install ${packages.join(', ')}`);
}

async function run(command: string, args: readonly string[], what: string): Promise<void> {
  const { exitCode, stderr, stdout } = await runProgram(command, args, { stdin: 'ignore' });
  if (exitCode === 0) return;
  const reason =
    stderr.split('\n').find((line) => /error/i.test(line)) ?? (stdout.trim().split('\n').at(-1) || 'it failed');
  throw new EnvironmentError(
    `Cannot ${what}: ${reason.replace(/^error: /i, '')}. Fix: Python 3.11 or later with venv and pip (Debian, Ubuntu: apt install python3-venv python3-pip), and PyPI within reach`,
  );
}
