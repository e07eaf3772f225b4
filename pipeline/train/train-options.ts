import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import type { Collective, LoadedModel, OptimizerState, Port, StepReport } from '../../harness/contract/port.js';
import type { LoopState } from '../checkpoints/training-state.js';
import type { TrainingPlan } from '../config/training-plan.js';
import type { TrainScalars } from './training-log.js';

export interface TrainOptions {
  readonly plan: TrainingPlan;
  readonly port: Port;
  /** What `loop` of a checkpoint says the port is. */
  readonly portName: string;
  readonly weights: ReadonlyMap<string, Float32NdArray>;
  /** Where these weights are from; checkpoints repeat it. */
  readonly pretrained: string;
  readonly seed: number;
  readonly saveDir: string;
  readonly saveInterval: number;
  readonly logIters: number;
  /** 0 or less keeps all. */
  readonly keepCheckpointMax: number;
  /** Evaluations in a row without a better mIoU after which training ends; null: never. */
  readonly earlyStopIntervals: number | null;
  readonly workers: number;
  readonly resume: {
    readonly optimizer: OptimizerState;
    readonly loop: LoopState;
  } | null;
  /** Null: this process alone. */
  readonly ranks: Collective | null;
  /** Null: no evaluation. Given the weights as they are. */
  readonly evaluate: ((loaded: LoadedModel, iteration: number) => Promise<Scores>) | null;
  readonly log: (line: string) => void;
  readonly onTrainScalars?: (scalars: TrainScalars, iteration: number) => void;
  readonly onEvaluation?: (found: Scores, iteration: number) => void;
  readonly onStep?: (iteration: number, report: StepReport) => void;
}

/** Of an evaluation, from 0 to 1. */
export interface Scores {
  readonly mIoU: number;
  readonly Acc: number;
}

/** Whether this process logs, evaluates and saves. */
export function isFirstRank({ ranks }: Pick<TrainOptions, 'ranks'>): boolean {
  return ranks === null || ranks.rank === 0;
}
