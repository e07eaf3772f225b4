import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from '../support/cache-folder.js';

/** CUDA's libraries, one set for all engines; `nvidia/<part>/lib` in it. The name says the versions. */
export function cudaFolder(): string {
  return cacheFolder('cuda-12.9-cudnn-9.10');
}

/**
 * What a port's process needs to find CUDA's libraries: the CUDA provider of onnxruntime does not say where they lie.
 * Empty where `tipcheck prepare --device gpu` has not fetched them.
 */
export function cudaEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const parts = join(cudaFolder(), 'nvidia');
  if (!existsSync(join(cudaFolder(), 'manifest.json'))) return {};
  const own = environment.LD_LIBRARY_PATH;
  const folders = readdirSync(parts).map((part) => join(parts, part, 'lib'));
  return { LD_LIBRARY_PATH: [...(own === undefined || own === '' ? [] : [own]), ...folders].join(delimiter) };
}
