import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TipcRun } from '../../harness/result/record/tipc-run.js';
import { capFaults, type Findings, noFindings } from '../../harness/run/findings.js';
import { readTextOrNull } from '../../harness/support/read-text.js';
import { manifestFile } from '../inputs/manifest.js';

/**
 * What this version records and the run does not. A run that says what it read, or in whose folder lies what only this
 * version writes, must have all of it: otherwise somebody took the lists out.
 */
export async function findUnrecorded(folder: string, { inputs, files, steps }: TipcRun): Promise<Findings> {
  const trace = await findTrace(folder);
  const without = steps.filter(({ record }) => record === null);
  if (inputs === null && trace === null && without.length === steps.length)
    return {
      ...noFindings,
      unchecked: [
        'what its steps said of themselves, for the run is of a version that kept no file of it',
        ...(files === null
          ? ['logs and what its steps wrote, for the run is of a version that did not hash them']
          : []),
      ],
    };
  const read =
    trace === null
      ? 'it does not say what it read'
      : `it does not say what it read, though ${trace} lies in its folder`;
  return {
    ...noFindings,
    faults: [
      ...(inputs === null ? [read] : []),
      ...(files === null
        ? ['result.json lists no hashes of the files that the run left; this version writes them']
        : []),
      ...capFaults(
        without.map(({ id }) => `${id}: result.json does not name its -judged.json; this version writes one`),
      ),
    ],
  };
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
