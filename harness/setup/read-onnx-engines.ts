import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheFolder } from '../support/cache-folder.js';
import { packageRoot } from '../support/package-root.js';
import type { EngineAbout } from './engine-about.js';

/** An engine that ships an adapter: its folder's name, and the path of its program. */
export interface OnnxEngine extends EngineAbout {
  readonly name: string;
  readonly path: string;
}

/** Each folder of engines/ that holds an about.js. The listing is the registry. Loads no engine. */
export const onnxEngines: readonly OnnxEngine[] = await readEngines();

export function isPython({ program }: EngineAbout): boolean {
  return program.endsWith('.py');
}

/** Where `tipcheck prepare --engine` puts it. Another version of a package is another folder. */
export function onnxEngineFolder({ name, packages }: OnnxEngine): string {
  const hash = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 12);
  return cacheFolder('engines', `onnx-${name}-${hash}`);
}

/** Written last. */
export function preparedMark(folder: string): string {
  return join(folder, 'prepared.json');
}

async function readEngines(): Promise<OnnxEngine[]> {
  const folder = join(packageRoot, 'dist', 'engines');
  const found = [];
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    const path = join(folder, name, 'about.js');
    if (!existsSync(path)) continue;
    const { about }: { about: EngineAbout } = await import(pathToFileURL(path).href);
    found.push({ ...about, name, path: join(packageRoot, 'engines', name, about.program) });
  }
  return found;
}
