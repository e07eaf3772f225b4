import { EnvironmentError, messageOf } from '../support/errors.js';
import { loadKoffi } from '../support/load-koffi.js';
import { type DriverVersion, readCard, readDriver } from './cuda-driver.js';
import type { CudaMajor } from './cuda-sets.js';
import { type CudaLibrary, describeCudaLibraries, findCudaLibraries } from './find-cuda.js';

/**
 * Loads the driver and CUDA's libraries into this process, each from the file that was found for it: an engine that
 * asks for one by its name is then given that one. Returns what they are, for reports. Not yet seen on a GPU.
 * Throws an EnvironmentError that names the driver, or the library that is missing and the package that brings it.
 * @param wanted the libraries that the engine needs, by name
 * @param fix what brings them
 */
export async function loadCuda(
  major: CudaMajor,
  { purpose, wanted, fix }: { purpose: string; wanted: (name: string) => boolean; fix: string },
): Promise<Readonly<Record<string, string>>> {
  validateDriver(await readDriver(purpose), major, purpose);
  const libraries = findCudaLibraries(major, wanted);
  const missing = libraries.find(({ path }) => path === null);
  if (missing !== undefined) throw new EnvironmentError(`Cannot ${purpose}: ${describeMissing(missing)}. Fix: ${fix}`);
  await loadAll(libraries, purpose, fix);
  return { ...(await describeCard(purpose)), CUDA: describeCudaLibraries(libraries) };
}

/** The first card that this process sees, and its driver. Throws an EnvironmentError where there is none. */
export async function describeCard(purpose: string): Promise<Readonly<Record<'card' | 'driver', string>>> {
  const driver = await readDriver(purpose);
  const { name, capability, memoryMb } = await readCard(purpose);
  return {
    card: `${name}, compute capability ${capability}, ${memoryMb} MB`,
    driver: `CUDA ${driver.join('.')}`,
  };
}

function validateDriver([major, minor]: DriverVersion, wanted: CudaMajor, purpose: string): void {
  if (major >= wanted) return;
  throw new EnvironmentError(
    `Cannot ${purpose}: the NVIDIA driver knows CUDA ${major}.${minor}, and the engine is built for ${wanted}. Fix: install a newer driver, or npx tipcheck prepare --device gpu --cuda auto`,
  );
}

function describeMissing({ name, requirement }: CudaLibrary): string {
  return `${name} is neither in LD_LIBRARY_PATH, nor in tipcheck's cache, nor in the site-packages of the active Python, nor where the loader looks; the package ${requirement} brings it`;
}

async function loadAll(libraries: readonly CudaLibrary[], purpose: string, fix: string): Promise<void> {
  const koffi = await loadKoffi(purpose);
  for (const { path, requirement } of libraries)
    try {
      koffi.load(path!);
    } catch (error) {
      throw new EnvironmentError(
        `Cannot ${purpose}: ${path} does not load (${messageOf(error)}); that of ${requirement} is wanted. Fix: ${fix}`,
      );
    }
}
