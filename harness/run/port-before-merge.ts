/**
 * What a port was called before runs were merged: a merge may call it `ort@<label>`, a merge of merges
 * `ort@<label>@<label>`. Only what a merge appended is cut, since a port's own name may have an `@` too:
 * `./node_modules/@acme/port.mjs`.
 * @param command of the run: that of a merge has the labels of all runs that it holds
 */
export function portBeforeMerge(port: string, command: readonly string[]): string {
  const label = labelsOf(command)
    .filter((one) => port.endsWith(`@${one}`))
    .sort((a, b) => b.length - a.length)[0];
  return label === undefined ? port : portBeforeMerge(port.slice(0, -label.length - 1), command);
}

/** Whether a port is called so, or was before a merge. */
export function isPortNamed(port: string, name: string, command: readonly string[]): boolean {
  return port === name || portBeforeMerge(port, command) === name;
}

/** The runs that a merge joined, by the command that it stored; none of any other run. */
export function labelsOf([verb, ...labels]: readonly string[]): readonly string[] {
  return verb === 'merge' ? labels : [];
}
