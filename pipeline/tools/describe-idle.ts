/**
 * Options that a command takes, since the reference's tool has them, and that change nothing in this call: one line, or
 * none.
 */
export function describeIdle(given: Readonly<Record<string, unknown>>): string[] {
  const names = Object.entries(given).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [`--${name}`],
  );
  return names.length === 0 ? [] : [`Ignored by this command: ${names.join(', ')}`];
}
