import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { codeOf, EnvironmentError, messageOf, UserError } from './errors.js';
import { explainMemory } from './explain-memory.js';
import { packageRoot } from './package-root.js';

/**
 * What a system's error means, in a sentence: a full or read-only disk, no more open files and no temporary folder are
 * the machine's (exit code 3), a path that is not what was wanted is the user's (2). So is an engine's memory the
 * machine's. Null for what is not a system's error: a defect.
 * @param named the file, where the error itself names none: it does not where a file that is open cannot be read
 */
export function explainSystem(error: unknown, named = 'a file'): UserError | EnvironmentError | null {
  if (isOwnModuleGone(error))
    return new EnvironmentError(
      `Cannot load a part of tipcheck: ${error.message.split('\n')[0]}, so the installation is incomplete or too few files may be open; a whole installation and more open files are wanted. Fix: ulimit -n 1024, or install it again`,
      { cause: error },
    );
  if (!isSystemError(error)) {
    // TensorFlow's own, from wherever in a model it was thrown.
    const isSentence = error instanceof UserError || error instanceof EnvironmentError;
    return isSentence ? null : explainMemory(error, 'go on');
  }
  const { code, syscall, path } = error;
  const place = path ?? named;
  if (code === 'EMFILE' || code === 'ENFILE')
    return new EnvironmentError(
      `Cannot open ${place}: too many files are open; a higher limit of them is wanted. Fix: ulimit -n 1024`,
      { cause: error },
    );
  if (syscall === 'mkdtemp')
    return new EnvironmentError(
      `Cannot make a temporary folder in ${dirname(place)}: ${reasonOf(code, place) ?? code}; a folder that can be written is wanted. Fix: TMPDIR=<folder>`,
      { cause: error },
    );
  const reason = reasonOf(code, path ?? null);
  const text = `Cannot ${syscall} ${place}: ${reason ?? `the system says ${code}`}`;
  if (reason !== null && !isOfMachine(code, path ?? null))
    return new UserError(`${text}; another place is wanted`, { cause: error });
  return new EnvironmentError(`${text}; a machine that can is wanted`, { cause: error });
}

/**
 * Why a file that the user named cannot be read, as a clause for a sentence about it.
 * @param missing where there is no such file
 * @throws EnvironmentError where the machine is why: too many open files, a disk that reports an error; the error
 *   itself where it has no code, for then it is not about the file
 */
export function whyUnread(error: unknown, path: string, missing = 'there is no such file'): string {
  const code = codeOf(error);
  if (code === null) throw error;
  const explained = code in ofMachine ? explainSystem(error, path) : null;
  if (explained !== null) throw explained;
  return code === 'ENOENT' ? missing : messageOf(error);
}

/** Whether an error's code tells of the machine, and not of what the user named. */
export function isOfMachine(code: string, path: string | null): boolean {
  return code in ofMachine || (code === 'ENOENT' && path !== null && isReadOnly(path));
}

/** What a code says, as a clause; null for one that is not known. */
export function reasonOf(code: string, path: string | null): string | null {
  // On a read-only disk Node's recursive mkdir says that there is no such file.
  if (code === 'ENOENT' && path !== null && isReadOnly(path)) return ofMachine.EROFS!;
  return ofMachine[code] ?? ofUser[code] ?? null;
}

const ofMachine: Readonly<Record<string, string>> = {
  EDQUOT: 'the quota of the disk is used up',
  EIO: 'its disk reports an error',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENOMEM: 'memory is used up',
  ENOSPC: 'the disk is full',
  EROFS: 'its disk is read-only',
};

const ofUser: Readonly<Record<string, string>> = {
  EACCES: 'it may not be read or written',
  EEXIST: 'a part of its folder is a file',
  EISDIR: 'it is a folder',
  ELOOP: 'its links go round',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'it is not there',
  ENOTDIR: 'a part of its folder is a file',
  ENOTEMPTY: 'it is a folder that is not empty',
  EPERM: 'it may not be read or written',
};

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
}

function isSystemError(error: unknown): error is SystemError {
  return codeOf(error) !== null && typeof (error as { syscall?: unknown }).syscall === 'string';
}

/** Without open files left Node says of a module that there is none. That of a port of the user's is another matter. */
function isOwnModuleGone(error: unknown): error is Error {
  return (
    codeOf(error) === 'ERR_MODULE_NOT_FOUND' && (error as Error).message.includes(`imported from ${packageRoot}${sep}`)
  );
}

/** The nearest folder that is there decides. */
function isReadOnly(path: string): boolean {
  let folder = resolve(path);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch (error) {
    return codeOf(error) === 'EROFS';
  }
}
