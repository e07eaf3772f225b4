/** Values of one key together, in the order in which keys and values first come. */
export function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [value]);
    else known.push(value);
  }
  return [...groups.values()];
}

/** Each once, in the order in which they first come. */
export function uniqueOf(values: readonly string[]): string[] {
  return [...new Set(values)];
}
