import { constants } from 'node:os';

/**
 * How a program ended, for a sentence: `SIGSEGV`, `exit code 7`. A shell says 128 + 11 where its command was ended by
 * SIGSEGV.
 */
export function describeEnd({
  signal,
  exitCode,
}: {
  readonly signal?: string | null | undefined;
  readonly exitCode?: number | null | undefined;
}): string {
  if (typeof signal === 'string') return signal;
  if (typeof exitCode !== 'number') return 'an unknown exit code';
  const named = exitCode > 128 ? signalNames.get(exitCode - 128) : undefined;
  return named === undefined ? `exit code ${exitCode}` : `${named} (exit code ${exitCode})`;
}

const signalNames: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name]),
);

/** The last lines that a program wrote on stderr, as the end of a sentence about it; empty where there are none. */
export function describeTail(tail: string): string {
  const lines = tail.trim().split('\n').slice(-8).join('\n');
  return lines === '' ? '' : `; its last lines on stderr were:\n${lines}`;
}
