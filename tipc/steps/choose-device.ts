import { cpus } from 'node:os';
import { countGpus, findGpu } from '../../harness/support/find-gpu.js';
import { findMpi } from '../../pipeline/ranks/find-mpi.js';
import type { TipcRow } from '../plan/plan.js';
import type { Lack, TipcOptions } from './tipc-options.js';

/** What the machine has; looked at once. */
export interface Hardware {
  /** 0: none. */
  readonly gpus: number;
  /** How that is known, after "because". */
  readonly evidence: string;
  readonly cores: number;
  /** What several ranks lack, after "and"; null: nothing, or no row is of several. */
  readonly mpi: string | null;
}

export interface ChosenDevice {
  readonly device: 'cpu' | 'gpu' | 'auto';
  readonly deviations: readonly string[];
  readonly lack: { readonly lack: Lack; readonly reason: string } | null;
}

/** @param ranks the largest number of ranks of a row */
export async function readHardware(ranks: number): Promise<Hardware> {
  const { found, evidence } = findGpu();
  const mpi = ranks > 1 ? await findMpi() : { version: '' };
  return {
    ...{ gpus: found ? countGpus() : 0, evidence, cores: cpus().length },
    mpi: 'missing' in mpi ? mpi.missing : null,
  };
}

/** The command line goes before the file's row, and that is a deviation where they differ. */
export function chooseDevice(
  row: Pick<TipcRow, 'device' | 'ranks' | 'gpu'>,
  asked: TipcOptions['device'],
  hardware: Hardware,
): ChosenDevice {
  const device = asked === 'auto' ? (row.device ?? 'auto') : asked;
  const deviations =
    row.device !== null && device !== row.device
      ? [`on the ${device}, where the file asks for ${row.device} (--device ${asked})`]
      : [];
  return { device, deviations, lack: lackOf(device, row, hardware) };
}

function lackOf(
  device: ChosenDevice['device'],
  { ranks, gpu }: Pick<TipcRow, 'ranks' | 'gpu'>,
  { gpus, evidence, cores, mpi }: Hardware,
): ChosenDevice['lack'] {
  if (device === 'gpu' && gpus === 0) return { lack: 'gpu', reason: `there is no GPU: ${evidence}` };
  if (device === 'gpu' && ranks > gpus)
    return {
      lack: 'gpu',
      reason: `${gpu ?? ranks} asks for ${ranks} GPUs, and there ${gpus === 1 ? 'is 1' : `are ${gpus}`}`,
    };
  if (ranks > 1 && mpi !== null) return { lack: 'mpi', reason: `${ranks} ranks are asked for, and ${mpi}` };
  if (device !== 'gpu' && ranks > cores)
    return { lack: 'cores', reason: `${ranks} ranks are asked for, and there are ${cores} cores` };
  return null;
}
