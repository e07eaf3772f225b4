import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reporter } from './reporter.js';

/** Every format, by name: the files of formats/. A new format is a new file there and edits nothing else. */
export async function findReporters(): Promise<ReadonlyMap<string, Reporter>> {
  const folder = join(import.meta.dirname, 'formats');
  const names = (await readdir(folder))
    .filter((file) => file.endsWith('.js') && !file.endsWith('.test.js'))
    .map((file) => file.slice(0, -'.js'.length))
    .sort();
  const reporters = names.map(async (name) => {
    const module: { readonly reporter: Reporter } = await import(join(folder, `${name}.js`));
    return [name, module.reporter] as const;
  });
  return new Map(await Promise.all(reporters));
}
