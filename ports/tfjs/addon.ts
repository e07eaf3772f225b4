import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine, EngineDevice } from '../../harness/setup/engines.js';
import { cacheFolder } from '../../harness/support/cache-folder.js';

export const tfjsNode: Engine = { name: '@tensorflow/tfjs-node-gpu', version: '4.22.0' };

const tensorflowVersion = '2.21.0';

/** The folder of the addon that `tipcheck prepare` builds for @tensorflow/tfjs-node-gpu, for one device. */
export function tfjsAddonFolder(device: EngineDevice): string {
  return cacheFolder('tfjs-node-gpu', `${tfjsNode.version}-tf${tensorflowVersion}-${flavourOf(device)}`);
}

/**
 * The folder of the official prebuilt addon (TensorFlow 2.9.1), which `tipcheck prepare` fetches where it cannot build.
 */
export function officialAddonFolder(device: EngineDevice): string {
  return cacheFolder('tfjs-node-gpu', `${tfjsNode.version}-tf2.9.1-${flavourOf(device)}-official`);
}

/** The addon's path, or null where it has not been prepared. The one built here comes before the official one. */
export function findTfjsAddon(device: EngineDevice): string | null {
  for (const folder of [tfjsAddonFolder(device), officialAddonFolder(device)]) {
    const path = join(folder, 'tfjs_binding.node');
    if (existsSync(path) && existsSync(join(folder, 'manifest.json'))) return path;
  }
  return null;
}

function flavourOf(device: EngineDevice): 'cuda' | 'cpu' {
  return device === 'gpu' ? 'cuda' : 'cpu';
}
