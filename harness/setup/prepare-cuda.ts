import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '../support/errors.js';
import { withNativeLock } from '../support/native-lock.js';
import { type Progress, renderMegabytes } from '../support/progress.js';
import { writeAtomicFolder } from './atomic-folder.js';
import { cudaFolder } from './cuda.js';
import { type CudaMajor, cudaSets } from './cuda-sets.js';
import { fetchWheel } from './fetch-wheel.js';
import { describeCudaLibraries, findCudaLibraries } from './find-cuda.js';
import { findTools } from './find-tools.js';
import { readSoundManifest, writeManifest } from './manifest.js';
import { type UnpackedFile, unpackZip } from './unpack-zip.js';

/**
 * Fetches CUDA's libraries, once for all engines of a set, unless the machine has all that are wanted. Not yet seen on
 * a GPU.
 * @param wanted by name; null: all of the set
 */
export async function prepareCuda(
  major: CudaMajor,
  wanted: ((name: string) => boolean) | null,
  progress: Progress,
): Promise<void> {
  const found = findCudaLibraries(major, wanted);
  if (found.every(({ path }) => path !== null)) {
    progress.step(`CUDA ${major}: ${describeCudaLibraries(found)}`);
    return;
  }
  const folder = cudaFolder(major);
  await withNativeLock(
    folder,
    async () => {
      if ((await readSoundManifest(folder)) === null) await fetchCuda(major, progress);
    },
    (status) => progress.update(`Another process is fetching CUDA's libraries: ${status}`),
  );
}

async function fetchCuda(major: CudaMajor, progress: Progress): Promise<void> {
  const { python } = await findTools();
  if ('missing' in python) throw new EnvironmentError(`Cannot fetch CUDA's libraries: ${python.missing}`);
  const wheels = cudaSets[major].parts.map(({ wheel }) => wheel);
  const bytes = wheels.reduce((sum, wheel) => sum + wheel.bytes, 0);
  progress.step(`The libraries of CUDA ${major} are ${wheels.length} wheels, ${renderMegabytes(bytes)} in all`);
  await writeAtomicFolder(cudaFolder(major), async (temporary) => {
    const files: Record<string, UnpackedFile> = {};
    for (const wheel of wheels) {
      const download = join(temporary, 'download');
      const path = await fetchWheel(python.command, wheel, download, progress);
      Object.assign(files, Object.fromEntries(await unpackZip(path, temporary, placeCudaFile)));
      await rm(download, { recursive: true });
    }
    const versions = Object.fromEntries(wheels.map(({ requirement }) => requirement.split('==') as [string, string]));
    await writeManifest(temporary, { source: 'nvidia wheels of PyPI', versions, files });
  });
}

/** Shared libraries, and of nvcc what XLA's autotuning calls. */
function placeCudaFile(entry: string): string | null {
  if (!entry.startsWith('nvidia/')) return null;
  if (/\/lib\/[^/]+\.so[.\d]*$/.test(entry)) return entry;
  return /^nvidia\/cuda_nvcc\/(bin\/ptxas$|nvvm\/libdevice\/)/.test(entry) ? entry : null;
}
