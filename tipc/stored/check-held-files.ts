import { relative } from 'node:path';
import { capFaults, describeMissing, type Findings } from '../../harness/run/findings.js';
import { FileHashes } from '../inputs/file-hashes.js';
import { findAside } from './find-aside.js';
import { isOwnFile, isShippedFile, locateFile, type RunPlace } from './run-place.js';

/** Files with the hashes that a run recorded of them; several where several steps made one. */
export type HeldFiles = ReadonlyMap<string, ReadonlySet<string>>;

export interface HeldKind {
  /** `files that the steps made`. */
  readonly plural: string;
  /** Says who recorded the hash: `the step that made it recorded`. */
  readonly recorder: string;
  /** Whether one that is missing in the run's own folder is a fault. */
  readonly mustBeThere: boolean;
  /** Whether a newer run moves them aside, as it does with TIPC's folder of a mode. */
  readonly mayBeAside: boolean;
}

/**
 * A file that is there and is another is a fault; one that is away says nothing, but in the run's own folder it was
 * taken away.
 */
export async function checkHeldFiles(place: RunPlace, held: HeldFiles, kind: HeldKind): Promise<Findings> {
  const hashes = new FileHashes();
  const at = (path: string): string => locateFile(place, path);
  await hashes.read([...held.keys()].map(at));
  const absent: string[] = [];
  const faults: string[] = [];
  for (const [path, wanted] of held) {
    const found = hashes.of(at(path))?.sha256 ?? null;
    if (found !== null && wanted.has(found)) continue;
    if (kind.mayBeAside && (await findAside(at(path), wanted)) !== null) continue;
    if (found === null && kind.mustBeThere && isOwnFile(place, path)) faults.push(describeMissing(path));
    else if (found === null || !place.isKnown || (!place.isOurVersion && isShippedFile(place, path))) absent.push(path);
    else faults.push(`${path} has the hash ${found}; ${kind.recorder} ${[...wanted].join(', ')}`);
  }
  const unchecked = absent.length === 0 ? [] : [describeAbsent(place, absent, held.size, kind)];
  return { faults: capFaults(faults), unchecked, away: absent.length };
}

function describeAbsent(
  { isKnown, start }: RunPlace,
  absent: readonly string[],
  all: number,
  { plural }: HeldKind,
): string {
  const where = isKnown ? `in ${relative('', start) || 'this folder'}` : 'there as they were';
  return `${absent.length} of ${all} ${plural} are not ${where} (${absent[0]}, …)`;
}
