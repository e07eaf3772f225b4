import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '../support/errors.js';
import { withNativeLock } from '../support/native-lock.js';
import { type Progress, renderMegabytes } from '../support/progress.js';
import { writeAtomicFolder } from './atomic-folder.js';
import { cudaFolder } from './cuda.js';
import { fetchWheel } from './fetch-wheel.js';
import { findTools } from './find-tools.js';
import { readSoundManifest, writeManifest } from './manifest.js';
import { type UnpackedFile, unpackZip } from './unpack-zip.js';
import { cudaWheels } from './wheels.js';

/** Fetches CUDA's libraries, once for all engines. Not yet seen on a GPU. */
export async function prepareCuda(progress: Progress): Promise<void> {
  const folder = cudaFolder();
  await withNativeLock(
    folder,
    async () => {
      if ((await readSoundManifest(folder)) === null) await fetchCuda(folder, progress);
    },
    (status) => progress.update(`Another process is fetching CUDA's libraries: ${status}`),
  );
}

async function fetchCuda(folder: string, progress: Progress): Promise<void> {
  const { python } = await findTools();
  if ('missing' in python) throw new EnvironmentError(`Cannot fetch CUDA's libraries: ${python.missing}`);
  const bytes = cudaWheels.reduce((sum, wheel) => sum + wheel.bytes, 0);
  progress.step(`CUDA's libraries are ${cudaWheels.length} wheels, ${renderMegabytes(bytes)} in all`);
  await writeAtomicFolder(folder, async (temporary) => {
    const files: Record<string, UnpackedFile> = {};
    for (const wheel of cudaWheels) {
      const download = join(temporary, 'download');
      const path = await fetchWheel(python.command, wheel, download, progress);
      Object.assign(files, Object.fromEntries(await unpackZip(path, temporary, placeCudaFile)));
      await rm(download, { recursive: true });
    }
    const versions = Object.fromEntries(
      cudaWheels.map(({ requirement }) => requirement.split('==') as [string, string]),
    );
    await writeManifest(temporary, { source: 'nvidia wheels of PyPI', versions, files });
  });
}

/** Shared libraries, and of nvcc what XLA's autotuning calls. */
function placeCudaFile(entry: string): string | null {
  if (!entry.startsWith('nvidia/')) return null;
  if (/\/lib\/[^/]+\.so[.\d]*$/.test(entry)) return entry;
  return /^nvidia\/cuda_nvcc\/(bin\/ptxas$|nvvm\/libdevice\/)/.test(entry) ? entry : null;
}
