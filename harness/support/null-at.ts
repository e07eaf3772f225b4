import { codeOf } from './errors.js';

/**
 * For a `catch` that means one error of the system: null where it is one of these, `await
 * stat(path).catch(nullAt('ELOOP'))`. What else is thrown is thrown on, for it says nothing of what was asked.
 */
export function nullAt(...codes: readonly string[]): (error: unknown) => null {
  return (error) => {
    if (codes.includes(codeOf(error) ?? '')) return null;
    throw error;
  };
}

/** Where there is no such file or folder. */
export const nullIfGone = nullAt('ENOENT', 'ENOTDIR');

/**
 * The same for a name that a file gives: nor is there one called as a folder is, by a NUL, at too great length, by
 * links that go round.
 */
export const nullIfNoFile = nullAt(
  ...['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'],
);
