import { UserError } from './errors.js';

/**
 * The text that Git leaves in a large file's place where the file was not fetched. Source: the specification of Git
 * LFS.
 */
const start = Buffer.from('version https://git-lfs', 'latin1');

/** Bytes of a file that tell one. */
export const lfsPointerBytes = start.length;

export const lfsPointer = 'it is a Git LFS pointer, not the file';

/** @param head a file's first bytes, `lfsPointerBytes` or more */
export function isLfsPointer(head: Uint8Array): boolean {
  return head.length >= start.length && start.every((byte, at) => head[at] === byte);
}

/**
 * Whoever reads a file that Git LFS may keep asks here first: a parser's words about the pointer would mislead.
 * @param subject what is read: `weights w.npz`
 * @throws UserError
 */
export function refuseLfsPointer(head: Uint8Array, subject: string): void {
  if (!isLfsPointer(head)) return;
  throw new UserError(`Cannot read ${subject}: ${lfsPointer}; the file itself is wanted. Fix: git lfs pull`);
}
