import type { CudaPart } from './cuda-sets.js';
import type { CudaLibrary } from './find-cuda.js';

/**
 * Which parts of a set are to be fetched: those of which a library is missing, and whatever these are linked to that is
 * older here than what they were built beside. A library runs with a later one of the same major version, and not
 * always with an earlier one: libcusparse of 12.9 does not even load beside libnvJitLink of 12.1.
 * @param found all libraries of the set
 * @param wanted by name; null: all, and the parts without a library too, if anything is fetched
 */
export function planCuda(
  parts: readonly CudaPart[],
  found: readonly CudaLibrary[],
  wanted: ((name: string) => boolean) | null,
): CudaPart[] {
  const byName = new Map(found.map((library) => [library.name, library]));
  const isMissing = ({ libraries }: CudaPart) =>
    libraries.some((name) => (wanted === null || wanted(name)) && byName.get(name)?.path == null);
  const fetched = new Set(parts.filter(isMissing));
  // A set grows while it is gone through, and what is added is gone through as well.
  for (const { needs } of fetched)
    for (const part of parts)
      if (part.libraries.some((name) => needs.includes(name) && !isAsNew(byName.get(name), part))) fetched.add(part);
  return parts.filter((part) => fetched.has(part) || (wanted === null && fetched.size > 0 && !part.libraries.length));
}

/** One whose version nobody knows is not. */
function isAsNew(library: CudaLibrary | undefined, { wheel }: CudaPart): boolean {
  if (library?.path == null || library.version === null) return false;
  const [actual, expected] = [library.version, wheel.requirement.split('==')[1]!].map((version) =>
    version.split('.').map(Number),
  );
  const at = expected!.findIndex((number, place) => number !== (actual![place] ?? 0));
  return at === -1 || (actual![at] ?? 0) > expected![at]!;
}
