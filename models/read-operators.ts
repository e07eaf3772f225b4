import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Files of operators by the operator's name in kebab-case. */
export interface OperatorFiles<File> {
  readonly always: ReadonlyMap<string, File>;
  /** Those of a forward in training. */
  readonly training: ReadonlyMap<string, File>;
}

/**
 * What each operator says in `operators/<operator><suffix>.js`: the listing is the list of operators. `suffix` is empty
 * or `-for-tests`.
 */
export async function readOperators<File>(suffix: '' | '-for-tests'): Promise<OperatorFiles<File>> {
  const folder = join(import.meta.dirname, 'operators');
  return { always: await readFiles(folder, suffix), training: await readFiles(join(folder, 'training'), suffix) };
}

async function readFiles<File>(folder: string, suffix: string): Promise<ReadonlyMap<string, File>> {
  const files = new Map<string, File>();
  for (const name of readdirSync(folder).sort()) {
    const [, operator, ending] = /^([a-z0-9-]+?)(-for-tests)?\.js$/.exec(name) ?? [];
    if (operator === undefined || (ending ?? '') !== suffix) continue;
    files.set(operator, (await import(pathToFileURL(join(folder, name)).href)) as File);
  }
  return files;
}
