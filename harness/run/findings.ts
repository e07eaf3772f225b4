/** What a check of a stored run found. */
export interface Findings {
  /** What is wrong, a sentence each. */
  readonly faults: readonly string[];
  /** What could not be looked at, and why. */
  readonly unchecked: readonly string[];
  /** How many files that the run names are not where they were. */
  readonly away?: number;
}

export const noFindings: Findings = { faults: [], unchecked: [] };

export function joinFindings(all: readonly Findings[]): Required<Findings> {
  return {
    // Two checks may find one file missing.
    faults: [...new Set(all.flatMap(({ faults }) => faults))],
    unchecked: all.flatMap(({ unchecked }) => unchecked),
    away: all.reduce((sum, { away = 0 }) => sum + away, 0),
  };
}

/** Of many faults of one kind, the first say enough. */
export function capFaults(faults: readonly string[], most = 10): string[] {
  return faults.length <= most
    ? [...faults]
    : [...faults.slice(0, most), `and ${faults.length - most} more of this kind`];
}

/** Of a file that lies in the run's own folder. */
export function describeMissing(path: string): string {
  return `${path} is missing; the run wrote one`;
}

export function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length <= 100 ? text : `${text.slice(0, 97)}…`;
}
