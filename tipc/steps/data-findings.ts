/** What the lists that a step reads say of what it can show. */
export interface DataFindings {
  /** Each makes the step say less than it seems to. */
  readonly deviations: readonly string[];
  /** How many pictures it is to evaluate, by its yml; null where it evaluates none, or they cannot be counted. */
  readonly evaluated: number | null;
}

/** By the step's number. */
export type DataSeen = ReadonlyMap<number, DataFindings>;

export const nothingSeen: DataFindings = { deviations: [], evaluated: null };
