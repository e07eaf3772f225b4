import { link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EnvironmentError } from '../support/errors.js';
import { withNativeLock } from '../support/native-lock.js';
import { type Progress, renderMegabytes } from '../support/progress.js';
import { renderCount } from '../support/render-count.js';
import { writeAtomicFolder } from './atomic-folder.js';
import { cudaFolder } from './cuda.js';
import { type CudaMajor, type CudaPart, cudaSets } from './cuda-sets.js';
import { fetchWheel } from './fetch-wheel.js';
import { describeCudaLibraries, findCudaLibraries } from './find-cuda.js';
import { findTools } from './find-tools.js';
import { readSoundManifest, writeManifest } from './manifest.js';
import { planCuda } from './plan-cuda.js';
import { type UnpackedFile, unpackZip } from './unpack-zip.js';
import type { Wheel } from './wheels.js';

/**
 * Fetches what the machine lacks of CUDA's libraries, once for all engines of a set, beside what was fetched before.
 * Not yet seen on a GPU.
 * @param wanted by name; null: all of the set
 */
export async function prepareCuda(
  major: CudaMajor,
  wanted: ((name: string) => boolean) | null,
  progress: Progress,
): Promise<void> {
  const folder = cudaFolder(major);
  const plan = async () => {
    const { versions = {} } = (await readSoundManifest(folder)) ?? {};
    const parts = planCuda(cudaSets[major].parts, findCudaLibraries(major), wanted);
    return parts.filter(({ wheel }) => versions[nameOf(wheel)] === undefined);
  };
  if ((await plan()).length > 0)
    await withNativeLock(
      folder,
      async () => {
        const parts = await plan();
        if (parts.length > 0) await fetchCuda(major, parts, progress);
      },
      (status) => progress.update(`Another process is fetching CUDA's libraries: ${status}`),
    );
  progress.step(`CUDA ${major}: ${describeCudaLibraries(findCudaLibraries(major, wanted))}`);
}

async function fetchCuda(major: CudaMajor, parts: readonly CudaPart[], progress: Progress): Promise<void> {
  const { python } = await findTools();
  if ('missing' in python) throw new EnvironmentError(`Cannot fetch CUDA's libraries: ${python.missing}`);
  const wheels = parts.map(({ wheel }) => wheel);
  const bytes = wheels.reduce((sum, wheel) => sum + wheel.bytes, 0);
  progress.step(`Of CUDA ${major}, ${renderCount(wheels.length, 'wheel')} will be fetched, ${renderMegabytes(bytes)}`);
  const folder = cudaFolder(major);
  const before = await readSoundManifest(folder);
  await writeAtomicFolder(folder, async (temporary) => {
    const files: Record<string, UnpackedFile> = { ...before?.files };
    for (const file of Object.keys(files)) await linkInto(folder, temporary, file);
    for (const wheel of wheels) {
      const download = join(temporary, 'download');
      const path = await fetchWheel(python.command, wheel, download, progress);
      Object.assign(files, Object.fromEntries(await unpackZip(path, temporary, placeCudaFile)));
      await rm(download, { recursive: true });
    }
    const versions = Object.fromEntries(wheels.map(({ requirement }) => requirement.split('==') as [string, string]));
    const source = 'nvidia wheels of PyPI';
    await writeManifest(temporary, { source, versions: { ...before?.versions, ...versions }, files });
  });
}

function nameOf({ requirement }: Wheel): string {
  return requirement.split('==')[0]!;
}

/** Gigabytes are not copied, and not fetched again. */
async function linkInto(from: string, to: string, file: string): Promise<void> {
  await mkdir(dirname(join(to, file)), { recursive: true });
  await link(join(from, file), join(to, file));
}

/** Shared libraries, and of nvcc what XLA's autotuning calls. */
function placeCudaFile(entry: string): string | null {
  if (!entry.startsWith('nvidia/')) return null;
  if (/\/lib\/[^/]+\.so[.\d]*$/.test(entry)) return entry;
  return /^nvidia\/cuda_nvcc\/(bin\/ptxas$|nvvm\/libdevice\/)/.test(entry) ? entry : null;
}
