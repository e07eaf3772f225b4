import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { cacheFolder } from '../support/cache-folder.js';
import { EnvironmentError } from '../support/errors.js';
import { packageRoot } from '../support/package-root.js';

/** Versions of the engines, exact: what the ports were judged with. */
export const engineVersions = {
  'onnxruntime-node': '1.26.0',
  '@tensorflow/tfjs-node-gpu': '4.22.0',
  '@tensorflow/tfjs': '4.22.0',
  '@tensorflow/tfjs-backend-wasm': '4.22.0',
  tensorflow: '2.21.0',
} as const;

export type EngineName = Exclude<keyof typeof engineVersions, 'tensorflow'>;

/** What actually runs, after `auto` has been resolved. */
export type EngineDevice = 'cpu' | 'gpu';

/**
 * Loads an engine's npm package from the project's node_modules, else from what `tipcheck prepare` put into the cache.
 * For the device gpu onnxruntime-node comes from the cache only: its CUDA provider lies there, beside its library.
 */
export function requireEngine<T>(name: EngineName, device: EngineDevice = 'cpu'): T {
  return engineRequire(name, device)(name) as T;
}

/** A `require` that resolves as the engine's package does, for its own dependencies too. */
export function engineRequire(name: EngineName, device: EngineDevice = 'cpu'): NodeJS.Require {
  const folder = findEngine(name, device);
  if (folder !== null) return createRequire(join(folder, 'package.json'));
  const places = enginePlaces(name, device).map((place) => join(place, 'node_modules'));
  throw new EnvironmentError(
    `Cannot load ${name} ${engineVersions[name]}: it is not in ${places.join(' nor in ')}. Fix: npx tipcheck prepare --device ${device}`,
  );
}

/** The folder whose node_modules holds the engine, or null. */
export function findEngine(name: EngineName, device: EngineDevice = 'cpu'): string | null {
  const holds = (folder: string) => existsSync(join(folder, 'node_modules', name, 'package.json'));
  return enginePlaces(name, device).find(holds) ?? null;
}

function enginePlaces(name: EngineName, device: EngineDevice): string[] {
  if (needsOwnCopy(name, device)) return [engineFolder(name, device)];
  return [...projectFolders(), engineFolder(name)];
}

/** The clone, or the installed package and the project that it was installed into. */
function projectFolders(): string[] {
  const above = /^(.*)[\\/]node_modules[\\/]/.exec(packageRoot);
  return above?.[1] === undefined ? [packageRoot] : [packageRoot, above[1]];
}

function needsOwnCopy(name: EngineName, device: EngineDevice): boolean {
  return name === 'onnxruntime-node' && device === 'gpu';
}

/** Where `tipcheck prepare` installs an engine's npm package when the project itself does not hold it. */
export function engineFolder(name: EngineName, device: EngineDevice = 'cpu'): string {
  const flavour = needsOwnCopy(name, device) ? '-cuda' : '';
  return cacheFolder('engines', `${name.replace('/', '-')}-${engineVersions[name]}${flavour}`);
}

/** The folder of the addon that `tipcheck prepare` builds for @tensorflow/tfjs-node-gpu, for one device. */
export function tfjsAddonFolder(device: EngineDevice): string {
  return cacheFolder('tfjs-node-gpu', `${tfjsVersion}-tf${engineVersions.tensorflow}-${flavourOf(device)}`);
}

/** The folder of the official prebuilt addon (TensorFlow 2.9.1), which `tipcheck prepare` fetches where it cannot build. */
export function officialAddonFolder(device: EngineDevice): string {
  return cacheFolder('tfjs-node-gpu', `${tfjsVersion}-tf2.9.1-${flavourOf(device)}-official`);
}

/** CUDA's libraries, one set for both engines; `nvidia/<part>/lib` in it. The name says the versions. */
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

/** The addon's path, or null where it has not been prepared. The one built here comes before the official one. */
export function findTfjsAddon(device: EngineDevice): string | null {
  for (const folder of [tfjsAddonFolder(device), officialAddonFolder(device)]) {
    const path = join(folder, 'tfjs_binding.node');
    if (existsSync(path) && existsSync(join(folder, 'manifest.json'))) return path;
  }
  return null;
}

const tfjsVersion = engineVersions['@tensorflow/tfjs-node-gpu'];

function flavourOf(device: EngineDevice): 'cuda' | 'cpu' {
  return device === 'gpu' ? 'cuda' : 'cpu';
}
