/**
 * Parts that were asked for and of which nothing ran: their tables hold no figure.
 * @param parts rows of each; one with a `reason` says why it has no figures, and some parts have rows only of what ran
 * @returns their names, as `--parts` has them
 */
export function findIdleParts(parts: Readonly<Record<string, readonly object[] | undefined>>): string[] {
  return Object.entries(parts).flatMap(([name, rows]) =>
    rows === undefined || rows.some((row) => !('reason' in row) || row.reason === null) ? [] : [optionOf(name)],
  );
}

/** `trainingMemory` is `training-memory`. */
function optionOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
