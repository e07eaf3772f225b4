import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.js';
import { EnvironmentError } from './errors.js';
import { packageRoot } from './package-root.js';

/** Versions of the engines, exact: what the ports were judged with. */
export const engineVersions = {
  'onnxruntime-node': '1.26.0',
  '@tensorflow/tfjs-node-gpu': '4.22.0',
  '@tensorflow/tfjs': '4.22.0',
  '@tensorflow/tfjs-backend-wasm': '4.22.0',
  tensorflow: '2.21.0',
} as const;

export type EngineName = Exclude<keyof typeof engineVersions, 'tensorflow'>;

/** Loads an engine's npm package from the project's node_modules, else from what `tipcheck prepare` put into the cache. */
export function requireEngine<T>(name: EngineName): T {
  return engineRequire(name)(name) as T;
}

/** A `require` that resolves as the engine's package does, for its own dependencies too. */
export function engineRequire(name: EngineName): NodeJS.Require {
  for (const folder of [packageRoot, engineFolder(name)]) {
    const require = createRequire(join(folder, 'package.json'));
    if (existsSync(join(folder, 'node_modules', name, 'package.json'))) return require;
  }
  throw new EnvironmentError(
    `Cannot load ${name} ${engineVersions[name]}: it is neither in node_modules nor in ${engineFolder(name)}. Fix: npx tipcheck prepare`,
  );
}

/** Where `tipcheck prepare` installs an engine's npm package when the project itself does not hold it. */
export function engineFolder(name: EngineName): string {
  return cacheFolder('engines', `${name.replace('/', '-')}-${engineVersions[name]}`);
}

/** The folder of the addon that `tipcheck prepare` builds for @tensorflow/tfjs-node-gpu, for one device. */
export function tfjsAddonFolder(device: 'cpu' | 'gpu'): string {
  const flavour = device === 'gpu' ? 'cuda' : 'cpu';
  return cacheFolder(
    'tfjs-node-gpu',
    `${engineVersions['@tensorflow/tfjs-node-gpu']}-tf${engineVersions.tensorflow}-${flavour}`,
  );
}

/** The addon's path, or null where it has not been prepared. */
export function findTfjsAddon(device: 'cpu' | 'gpu'): string | null {
  const path = join(tfjsAddonFolder(device), 'tfjs_binding.node');
  return existsSync(path) && existsSync(join(tfjsAddonFolder(device), 'manifest.json')) ? path : null;
}
