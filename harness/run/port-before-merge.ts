/**
 * What a port was called before runs were merged: a merge may call it `ort@<run>`. Only what a merge appended is cut,
 * since a port's own name may have an `@` too: `./node_modules/@acme/port.mjs`.
 * @param ports the names that ports had before
 */
export function portBeforeMerge(port: string, ports: readonly string[]): string {
  if (ports.includes(port)) return port;
  const known = ports.filter((name) => port.startsWith(`${name}@`)).sort((a, b) => b.length - a.length);
  return known[0] ?? port.replace(/@[^@/]+$/, '');
}

/**
 * The same for a stored judgement, whose command names the runs that it merged. In any other run a port keeps its name.
 */
export function portBeforeMergeOf(port: string, command: readonly string[]): string {
  const [verb, ...labels] = command;
  if (verb !== 'merge') return port;
  const label = labels.find((one) => port.endsWith(`@${one}`));
  return label === undefined ? port : port.slice(0, -label.length - 1);
}
