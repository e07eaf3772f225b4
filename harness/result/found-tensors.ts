import type { Result } from './record/result.js';

/** Of a file, by probe: the tensors that were found and agree. One that fails may be another's. */
export function foundTensors({ cases }: Result): ReadonlyMap<string, string> {
  const all = cases.flatMap(({ measurements }) => measurements);
  return new Map(
    all.flatMap(({ name, found, verdict }) =>
      found === undefined || verdict === 'fail' ? [] : [[name, found.tensor] as const],
    ),
  );
}
