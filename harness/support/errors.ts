/**
 * Bad usage or bad input: what the user gave cannot be used. Exit code 2.
 * The message is one sentence; `cannot` makes it.
 */
export class UserError extends Error {
  override name = 'UserError';
}

/** What was asked for cannot run here: a missing device, engine or network, a port that crashed. Exit code 3. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
}

/**
 * A UserError of one sentence: `Cannot <action> <subject>: <is>; <wanted>`, and `. Fix: <fix>` where a fix is known.
 */
export function cannot(action: string, subject: string, is: string, wanted: string, fix?: string): UserError {
  return new UserError(sentence(action, subject, is, wanted, fix));
}

/** The same sentence as an EnvironmentError. */
export function cannotHere(...parts: Parameters<typeof cannot>): EnvironmentError {
  return new EnvironmentError(sentence(...parts));
}

/** The text of anything thrown, for use inside another error's sentence. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The system's code of an error (`ENOENT`, …), or null. */
export function codeOf(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}

function sentence(action: string, subject: string, is: string, wanted: string, fix?: string): string {
  return `Cannot ${action} ${subject}: ${is}; ${wanted}${fix === undefined ? '' : `. Fix: ${fix}`}`;
}
