import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter } from './reporter.js';

/** Every format, by name. A new format is a new file of formats/ and edits nothing else. */
export async function findReporters(): Promise<ReadonlyMap<string, Reporter>> {
  const reporters = listFormats().map(async (name) => {
    const module: { readonly reporter: Reporter } = await import(join(folder, `${name}.js`));
    return [name, module.reporter] as const;
  });
  return new Map(await Promise.all(reporters));
}

/** Names of formats, sorted; none is loaded. */
export function listFormats(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.js') && !file.endsWith('.test.js'))
    .map((file) => file.slice(0, -'.js'.length))
    .sort();
}

const folder = join(import.meta.dirname, 'formats');
