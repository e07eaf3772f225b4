/**
 * Bad usage or bad input: what the user gave cannot be used. Exit code 2.
 * The message is one sentence, `Cannot <action> <subject>: <what is>; <what is wanted>`, and `Fix: …` where known.
 */
export class UserError extends Error {
  override name = 'UserError';
}

/** What was asked for cannot run here: a missing device, engine or network, a port that crashed. Exit code 3. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
}

/** The text of anything thrown, for use inside another error's sentence. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The system's code of an error (`ENOENT`, …), or null. */
export function codeOf(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}
