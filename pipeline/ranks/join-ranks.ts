import { UserError } from '../../harness/support/errors.js';
import { openMpi } from './mpi.js';
import type { Ranks } from './ranks.js';
import { sameOnAllRanks } from './same-on-all-ranks.js';

/**
 * Joins the ranks that `mpirun` started. Differs from PaddleSeg: paddle.distributed starts its ranks itself and joins
 * them by NCCL or Gloo; here they are MPI's.
 * @throws EnvironmentError where MPI or koffi does not load
 */
export async function joinRanks(localRank: number): Promise<Ranks> {
  const mpi = await openMpi();
  const { rank, size } = mpi;
  const sum = (values: Float32Array) => mpi.sum(values, 'float');
  const sumFloat64 = (values: Float64Array) => mpi.sum(values, 'double');
  return {
    rank,
    size,
    localRank,
    sum,
    sumFloat64,
    validateSame(what, parts) {
      if (!sameOnAllRanks({ rank, size, sum }, parts))
        throw new UserError(
          `Cannot start ${size} ranks: ${what} is not the same on all of them; the same command and files on every rank are wanted`,
        );
    },
    close: () => mpi.close(),
  };
}
