import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TipcRun } from '../../harness/result/result.js';
import { readTextOrNull } from '../../harness/support/read-text.js';
import { manifestFile } from '../inputs/manifest.js';

/**
 * A folder with files that only this version writes must have them listed in result.json. Otherwise somebody took the lists
 * out.
 */
export async function findUnrecorded(folder: string, { inputs, files, steps }: TipcRun): Promise<string[]> {
  const trace = await findTrace(folder);
  if (trace === null) return [];
  return [
    ...(inputs === null ? [`it does not say what it read, though ${trace} lies in its folder`] : []),
    ...(files === null ? ['result.json lists no hashes of the files that the run left; this version writes them'] : []),
    ...steps.flatMap(({ id, record }) =>
      record === null ? [`${id}: result.json does not name its -judged.json; this version writes one`] : [],
    ),
  ];
}

/** The manifest, or what a step was found to be, in the folder of a port; null: neither is there. */
async function findTrace(folder: string): Promise<string | null> {
  if ((await readTextOrNull(folder, manifestFile)) !== null) return manifestFile;
  const entries = await readdir(folder, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const judged = (await readdir(join(folder, name))).sort().find((one) => one.endsWith('-judged.json'));
    if (judged !== undefined) return `${name}/${judged}`;
  }
  return null;
}
