/**
 * A picture of a kind that is not read: its message says `what it is; what is wanted`, for use in a sentence about the
 * file.
 */
export class UnreadKind extends Error {
  override name = 'UnreadKind';
}
