import { stat } from 'node:fs/promises';
import type { Artefact, StepCheck } from '../../harness/result/record/tipc-run.js';
import { hashFile } from '../../harness/support/hash-file.js';
import { nullIfGone } from '../../harness/support/null-at.js';
import { check } from './judgement.js';

/** Files that a step must have made, and what is wrong with those that it has not. */
export interface FoundArtefacts {
  readonly artefacts: readonly Artefact[];
  readonly check: StepCheck;
}

/** Some file systems count time in steps of this size. */
const clockMs = 50;

/** A file counts only if it was written after the step began. */
export async function readArtefacts(paths: readonly string[], startedAtMs: number): Promise<FoundArtefacts> {
  const artefacts: Artefact[] = [];
  const faults: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(nullIfGone);
    if (found === null) faults.push(`${path} is not there`);
    else if (found.mtimeMs < startedAtMs - clockMs)
      faults.push(`${path} is of ${found.mtime.toISOString()}, before this step began`);
    else if (found.size === 0) faults.push(`${path} is empty`);
    else artefacts.push({ path, bytes: found.size, sha256: await hashFile(path) });
  }
  const found =
    paths.length === 0
      ? 'no file was wanted of it, which proves nothing'
      : faults.length === 0
        ? `${paths.length === 1 ? `${paths[0]} was` : `${paths.length} files were`} made by this step`
        : `${faults[0]}${faults.length === 1 ? '' : `; and ${faults.length - 1} more of ${paths.length}`}`;
  const holds = faults.length === 0 && paths.length > 0;
  return { artefacts, check: check('files', holds, found) };
}
