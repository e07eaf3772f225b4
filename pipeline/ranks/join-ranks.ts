import { createHash } from 'node:crypto';
import { UserError } from '../../harness/support/errors.js';
import { openMpi } from './mpi.js';
import type { Ranks } from './ranks.js';

/**
 * Joins the ranks that `mpirun` started.
 * Differs from PaddleSeg: paddle.distributed starts its ranks itself and joins them by NCCL or Gloo; here they are MPI's.
 * @throws EnvironmentError where MPI or koffi does not load
 */
export async function joinRanks(localRank: number): Promise<Ranks> {
  const mpi = await openMpi();
  const { rank, size } = mpi;
  const sumFloat64 = (values: Float64Array) => mpi.sum(values, 'double');
  return {
    rank,
    size,
    localRank,
    sum: (values) => mpi.sum(values, 'float'),
    sumFloat64,
    validateSame(what, text) {
      const digest = createHash('sha256').update(text).digest();
      // A sum of equal numbers and a sum of their squares: both fit only where all are equal.
      const own = Array.from({ length: 4 }, (_, at) => digest.readUInt16LE(2 * at));
      const sums = Float64Array.from([...own, ...own.map((value) => value * value)]);
      sumFloat64(sums);
      const same = own.every((value, at) => sums[at] === size * value && sums[at + 4] === size * value * value);
      if (!same)
        throw new UserError(
          `Cannot start ${size} ranks: ${what} is not the same on all of them; the same command and files on every rank are wanted`,
        );
    },
    close: () => mpi.close(),
  };
}
