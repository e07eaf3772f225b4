import type { Collective } from '../../harness/contract/port.js';

/**
 * The processes that `mpirun` or `tipcheck launch` started together. Every rank makes the same calls in the same order.
 */
export interface Ranks extends Collective {
  /** Of this machine's ranks, from 0. */
  readonly localRank: number;
  /** Whole numbers up to 2^53 stay exact. */
  sumFloat64(values: Float64Array): void;
  /**
   * Throws a UserError on every rank where their parts differ: ranks that do different things would wait for each other
   * for ever.
   */
  validateSame(what: string, parts: Iterable<string | NodeJS.ArrayBufferView>): void;
  /** Waits for all ranks and leaves them. */
  close(): void;
}
