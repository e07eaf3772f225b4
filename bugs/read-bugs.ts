import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bug } from './bug.js';

const folder = join(import.meta.dirname, 'planted');

/** Every bug by its name: each file of planted/. The listing is the registry. */
export async function readBugs(): Promise<ReadonlyMap<string, Bug>> {
  const names = readdirSync(folder).flatMap((file) => /^([\w-]+)\.js$/.exec(file)?.[1] ?? []);
  return new Map(await Promise.all(names.sort().map(async (name) => [name, await readBug(name)] as const)));
}

export async function readBug(name: string): Promise<Bug> {
  const { bug }: { bug: Bug } = await import(pathToFileURL(join(folder, `${name}.js`)).href);
  return bug;
}
