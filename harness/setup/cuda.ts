import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from '../support/cache-folder.js';
import { type CudaMajor, cudaSets } from './cuda-sets.js';

/** Where `tipcheck prepare` puts CUDA's libraries, one set for all engines of it; `nvidia/<part>/lib` in it. */
export function cudaFolder(major: CudaMajor): string {
  return cacheFolder(cudaSets[major].folder);
}

/**
 * What a port's process needs to find CUDA's libraries by their names, as TensorFlow does, which is of CUDA 12.
 * Empty where `tipcheck prepare --device gpu` has not fetched them.
 */
export function cudaEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const folders = preparedCudaFolders(12);
  if (folders.length === 0) return {};
  const own = environment.LD_LIBRARY_PATH;
  return { LD_LIBRARY_PATH: [...(own === undefined || own === '' ? [] : [own]), ...folders].join(delimiter) };
}

/** Folders of libraries in the cache; none where they are not prepared. */
export function preparedCudaFolders(major: CudaMajor): string[] {
  const folder = cudaFolder(major);
  return existsSync(join(folder, 'manifest.json')) ? partFolders(join(folder, 'nvidia')) : [];
}

/** `<part>/lib` of NVIDIA's wheels, which unpack side by side. */
export function partFolders(nvidia: string): string[] {
  if (!existsSync(nvidia)) return [];
  return readdirSync(nvidia)
    .map((part) => join(nvidia, part, 'lib'))
    .filter((folder) => existsSync(folder));
}
