import { UserError } from '../../harness/support/errors.js';
import type { TipcPlan } from '../plan/plan.js';

/** What a command line says of a TIPC mode's run. */
export interface TipcOptions {
  /** `auto`: as each row of the file says. */
  readonly device: 'auto' | 'cpu' | 'gpu';
  /** Null: the file's, else those that must run (`defaultPorts`). */
  readonly ports: readonly string[] | null;
  /** Width and height of training crops and of inferred pictures; null: as the file's yml says. */
  readonly crop: Crop | null;
  readonly iters: number | null;
  /** `none`, or a file; null: as the yml says. */
  readonly pretrained: string | null;
  /** Which configurations benchmark_train trains; null: all of the file's. */
  readonly benchmark: string | null;
  /** The interpreter of the port paddleseg; null: the file's. */
  readonly python: string | null;
  readonly allowed: readonly Lack[];
  readonly required: readonly Lack[];
  /** Where reports go. */
  readonly reports: string;
}

export interface Crop {
  readonly width: number;
  readonly height: number;
}

/** Why a step may not run, each with what it means. */
export const lacks = {
  gpu: 'there is no GPU, or there are too few',
  machines: 'a row is of several machines',
  tensorrt: 'a row is of TensorRT',
  fp16: 'a row is of half precision',
  int8: 'a row is of eight bits',
  profiler: 'a row of benchmark_train profiles',
  mpi: 'a row is of several ranks, and there is no Open MPI',
  cores: 'there are fewer cores than ranks',
  memory: 'it would not fit into memory',
  script: 'nothing stands in for the script',
} as const;

export type Lack = keyof typeof lacks;

/** A reason cannot be tolerated and demanded at once. */
export function validateTipcOptions({ allowed, required }: Pick<TipcOptions, 'allowed' | 'required'>): void {
  const both = allowed.find((lack) => required.includes(lack));
  if (both === undefined) return;
  throw new UserError(
    `Cannot use --allow-not-run ${both} with --require ${both}: they contradict; one of them is wanted`,
  );
}

/** An option of training does nothing where nothing trains. */
export function validateTraining(
  { iters, pretrained }: Pick<TipcOptions, 'iters' | 'pretrained'>,
  { path, mode, steps }: TipcPlan,
): void {
  const stray = iters !== null ? '--iters' : pretrained !== null ? '--pretrained' : null;
  if (stray === null || steps.some(({ kind }) => kind === 'train')) return;
  throw new UserError(`Cannot use ${stray} with ${mode} of ${path}: it trains nothing; a mode that trains is wanted`);
}
