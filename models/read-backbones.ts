import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Backbone } from './backbone.js';

/** Every backbone: each folder of backbones/ holds a backbone.js. The listing is the registry. */
export async function readBackbones(): Promise<readonly Backbone[]> {
  const folder = join(import.meta.dirname, 'backbones');
  const files = readdirSync(folder).sort();
  const modules = files.map((name) => import(pathToFileURL(join(folder, name, 'backbone.js')).href));
  return (await Promise.all(modules)).map(({ backbone }: { backbone: Backbone }) => backbone);
}
