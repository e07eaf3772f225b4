/** What the files of all forms have. */
export interface TipcFrame {
  readonly path: string;
  readonly modelName: string;
  /** What TIPC would accept in silence and the user should know, each a sentence with file and line. */
  readonly notes: readonly string[];
}

/** A key and its value as they stand; a line that the file does not have is empty. */
export interface TipcArgument {
  readonly key: string;
  readonly value: string;
  /** Number in the file, from 1; 0 for a line that the file does not have. */
  readonly line: number;
}

export interface TipcList {
  readonly key: string;
  /** The items as they stand, `null` among them: TIPC runs a row for each. Nothing gives no item. */
  readonly values: readonly string[];
  readonly line: number;
}

/** A value per mode. */
export interface TipcModes {
  readonly key: string;
  readonly values: ReadonlyMap<string, string>;
  readonly line: number;
}
