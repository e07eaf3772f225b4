import { availableParallelism } from 'node:os';
import { EnvironmentError } from '../../harness/support/errors.js';
import type { Ranks } from '../ranks/ranks.js';

/** Which GPUs `tipcheck launch --gpus` gives out, in the order of local ranks. */
export const gpusVariable = 'TIPCHECK_GPUS';

/**
 * Joins the ranks that mpirun started, this one on its own GPU; null where this process is alone. To be called before
 * an engine is loaded.
 * @param environment this process's own, as mpirun has made it
 */
export async function joinLaunchedRanks(environment: NodeJS.ProcessEnv): Promise<Ranks | null> {
  if (Number(environment.OMPI_COMM_WORLD_SIZE ?? 1) <= 1) return null;
  const localRank = Number(environment.OMPI_COMM_WORLD_LOCAL_RANK ?? 0);
  chooseGpu(environment, localRank);
  const { joinRanks } = await import('../ranks/join-ranks.js');
  return joinRanks(localRank);
}

/**
 * A rank sees its own GPU alone, which every engine calls 0.
 * @throws EnvironmentError for one that is hidden from this process: it may be another user's
 */
export function chooseGpu(environment: NodeJS.ProcessEnv, localRank: number): void {
  const gpu = environment[gpusVariable]?.split(',')[localRank];
  if (gpu === undefined) return;
  const visible = environment.CUDA_VISIBLE_DEVICES;
  if (visible !== undefined && !visible.split(',').includes(gpu))
    throw new EnvironmentError(
      `Cannot run rank ${localRank} on GPU ${gpu}: CUDA_VISIBLE_DEVICES is '${visible}', which hides it; one of those is wanted. Fix: --gpus ${visible}`,
    );
  environment.CUDA_VISIBLE_DEVICES = gpu;
}

/**
 * Threads of a rank's engine: the cores that this machine gives us, shared; undefined for a process alone, which takes
 * the engine's default.
 */
export function threadsPerRank(ranks: Ranks | null, environment: NodeJS.ProcessEnv): number | undefined {
  if (ranks === null) return undefined;
  const local = Number(environment.OMPI_COMM_WORLD_LOCAL_SIZE ?? ranks.size);
  return Math.max(1, Math.floor(availableParallelism() / local));
}
