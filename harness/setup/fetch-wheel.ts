import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { EnvironmentError } from '../support/errors.js';
import { nullIfGone } from '../support/null-at.js';
import { type Progress, renderMegabytes } from '../support/progress.js';
import type { Wheel } from './wheels.js';

const pollMs = 300;

/** Tags that the pinned wheels carry, one each; pip takes the file whose hash is asked for. */
const glibcTags = ['2_28', '2_27', '2_26', '2_25', '2_24', '2_18', '2_17', '2_12', '2_5'];

/**
 * Downloads one wheel into `folder` with the user's pip, so that his index, proxy and certificates are used; pip checks
 * the hash. Nothing is kept in pip's own cache: a wheel is used once. Returns the file's path.
 */
export async function fetchWheel(python: string, wheel: Wheel, folder: string, progress: Progress): Promise<string> {
  await mkdir(join(folder, 'tmp'), { recursive: true });
  const requirements = join(folder, 'requirement.txt');
  await writeFile(requirements, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
  progress.step(`Downloading ${wheel.requirement} (${renderMegabytes(wheel.bytes)}) …`);
  const args = ['-m', 'pip', 'download', '--quiet', '--no-cache-dir', '--no-deps', '--only-binary=:all:'];
  args.push('--python-version', '3.12', ...platformArguments(), '--require-hashes', '-r', requirements, '-d', folder);
  const pip = execa(python, args, { env: { TMPDIR: join(folder, 'tmp') }, stdin: 'ignore', all: true, reject: false });
  const timer = setInterval(() => void reportSize(folder, wheel, progress), pollMs);
  const { exitCode, all } = await pip.finally(() => clearInterval(timer));
  if (exitCode !== 0) throw new EnvironmentError(`Cannot download ${wheel.requirement}: ${lastLine(all)}`);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.whl'));
  if (files[0] === undefined) throw new EnvironmentError(`Cannot download ${wheel.requirement}: pip left no wheel`);
  return join(folder, files[0]);
}

function platformArguments(): string[] {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  return [...glibcTags.map((tag) => `manylinux_${tag}_${machine}`), `manylinux2014_${machine}`].flatMap((platform) => [
    '--platform',
    platform,
  ]);
}

/** pip's own bar differs between its versions; the growing file does not. */
async function reportSize(folder: string, wheel: Wheel, progress: Progress): Promise<void> {
  // A file that is renamed while it is looked at.
  const done = (await sizeOf(folder).catch(nullIfGone)) ?? 0;
  progress.update(`  ${wheel.requirement}: ${renderMegabytes(done)} of ${renderMegabytes(wheel.bytes)}`);
}

async function sizeOf(folder: string): Promise<number> {
  let largest = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    largest = Math.max(largest, (await stat(join(entry.parentPath ?? entry.path, entry.name))).size);
  }
  return largest;
}

function lastLine(text: string | undefined): string {
  const lines = (text ?? '').split('\n').filter((line) => line.trim() !== '' && !line.startsWith('[notice]'));
  const error = lines.filter((line) => line.startsWith('ERROR')).at(-1);
  return (error ?? lines.at(-1) ?? 'pip gave no reason').replace(/^ERROR: /, '');
}
