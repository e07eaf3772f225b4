/**
 * One comparison. A tensor's error and an mIoU share this contract. Values stream through it in chunks, so nothing has
 * to be in memory as a whole. `end` gives figures, never a verdict.
 */
export interface Metric<Context, Chunk, Figures> {
  readonly name: string;
  begin(context: Context): Accumulator<Chunk, Figures>;
}

export interface Accumulator<Chunk, Figures> {
  /** The next elements, equally many of both. Throws a RangeError where they are not. */
  add(actual: Chunk, expected: Chunk): void;
  /** To be called once, after the last chunk. */
  end(): Figures;
}
