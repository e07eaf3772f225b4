import { readdir } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import type { Artefact, StepResult } from '../../harness/result/record/tipc-run.js';
import { FileHashes } from './file-hashes.js';

/**
 * All that a run left beside its reports and what its steps made: its folder, the logs of its steps, and the
 * files in which TIPC says what became of them. Called when the last step has
 * ended and no report is written yet.
 */
export async function recordFiles(
  folder: string,
  steps: readonly StepResult[],
  statusFiles: readonly string[],
): Promise<Artefact[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const own = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const logs = steps.flatMap(({ log }) => (log === null ? [] : [normalize(log)]));
  const hashes = new FileHashes();
  const paths = [...new Set([...own, ...logs, ...statusFiles.map((path) => normalize(path))])].sort();
  await hashes.read(paths);
  return paths.flatMap((path): Artefact[] => {
    const found = hashes.of(path);
    return found === null ? [] : [{ path, ...found }];
  });
}
