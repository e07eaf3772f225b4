/** A format that is read, and who reads it. */
export interface FuzzTarget {
  readonly name: string;
  /** What the file is called in a folder of its own. Files that stand beside it are written by `begin`. */
  readonly file: string;
  /** Whether its bytes are text: then lines and words are changed, too. */
  readonly isText: boolean;
  /** Files that are read without an error: what the changes begin with. */
  readonly samples: () => Promise<readonly Uint8Array[]>;
  /** Writes what else the reader wants into the folder. */
  readonly begin?: (folder: string) => Promise<void>;
  /** Makes checksums fit again, so that more than the check of a checksum is reached. */
  readonly repair?: (bytes: Uint8Array) => Uint8Array;
  /** @param path the changed file, which is written already */
  readonly read: (path: string, bytes: Uint8Array) => unknown;
}
