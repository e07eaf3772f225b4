import type { Ranks } from '../ranks/ranks.js';
import type { Scalars } from '../records/scalars.js';
import { openTensorboard } from '../records/tensorboard.js';
import { openVisualdl } from '../records/visualdl.js';
import { isFirstRank, type TrainOptions } from '../train/train-options.js';
import type { TrainRecord } from './records.js';
import type { TrainCommandOptions } from './train-options.js';

/** What is kept of a training while it runs: for --json, VisualDL and TensorBoard. */
export interface TrainingRecords extends Required<Pick<TrainOptions, 'onTrainScalars' | 'onEvaluation'>> {
  readonly kept: { readonly [key in 'losses' | 'mIoUs' | 'evaluated']: number[] } & {
    readonly windows: TrainRecord['windows'][number][];
  };
  close(): Promise<void>;
}

/** @param ranks the first alone writes for VisualDL and TensorBoard */
export async function openTrainingRecords(options: TrainCommandOptions, ranks: Ranks | null): Promise<TrainingRecords> {
  const writers = isFirstRank({ ranks }) ? await openWriters(options) : [];
  const add = (values: Readonly<Record<string, number>>, iteration: number) => {
    for (const writer of writers) for (const [tag, value] of Object.entries(values)) writer.add(tag, iteration, value);
  };
  const kept: TrainingRecords['kept'] = { losses: [], mIoUs: [], evaluated: [], windows: [] };
  return {
    kept,
    onTrainScalars({ loss, lr, batchCost, readerCost }, iteration) {
      kept.windows.push({ batchCost, readerCost });
      add(
        { 'Train/loss': loss, 'Train/lr': lr, 'Train/batch_cost': batchCost, 'Train/reader_cost': readerCost },
        iteration,
      );
    },
    onEvaluation({ mIoU, Acc }, iteration) {
      kept.mIoUs.push(mIoU);
      add({ 'Evaluate/mIoU': mIoU, 'Evaluate/Acc': Acc }, iteration);
    },
    async close() {
      for (const writer of writers) await writer.close();
    },
  };
}

async function openWriters({ use_vdl, use_tb, save_dir: folder }: TrainCommandOptions): Promise<Scalars[]> {
  return [
    ...(use_vdl === true ? [await openVisualdl(folder)] : []),
    ...(use_tb === true ? [await openTensorboard(folder)] : []),
  ];
}
