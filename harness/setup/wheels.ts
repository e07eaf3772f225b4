/**
 * A wheel as PyPI holds it: one exact file, whatever Python the user has. Only its native libraries are used.
 * Source of hashes and sizes: `pip install --dry-run --report` and the index's content-length, November 2026.
 */
export interface Wheel {
  /** `name==version`, as pip reads it. */
  readonly requirement: string;
  readonly sha256: string;
  readonly bytes: number;
}
