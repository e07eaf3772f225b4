import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../support/cache-folder.js';
import { type CudaMajor, cudaSets } from './cuda-sets.js';

/** Where `tipcheck prepare` puts CUDA's libraries, one set for all engines of it; `nvidia/<part>/lib` in it. */
export function cudaFolder(major: CudaMajor): string {
  return cacheFolder(cudaSets[major].folder);
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
