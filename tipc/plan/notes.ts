import type { TrainInferFile } from '../text/train-infer-file.js';
import type { TipcStep } from './plan.js';

/** What a plan of the form train_infer holds that TIPC takes in silence, each a sentence with file and line. */
export function notePlan(file: TrainInferFile, mode: string, steps: readonly TipcStep[]): string[] {
  return [
    ...noteModes(file, mode),
    ...noteGpuList(file),
    ...noteSharedFiles(file, steps, 'logPath', 'log'),
    ...noteSharedFiles(file, steps, 'resultsFolder', 'folder of results'),
    ...noteLostResults(file, steps),
  ];
}

function noteModes({ path, train, trainers }: TrainInferFile, mode: string): string[] {
  if (!mode.includes('_train_') || trainers.values.length === 0) return [];
  const same = [train.iters, train.batchSize].every(({ values }) => values.get(mode) === values.get(lite));
  return [
    ...(mode === 'lite_train_whole_infer' && same
      ? [
          `${path}:${train.iters.line}: ${mode} has the iterations, batch size and pictures of ${lite}; it runs the same`,
        ]
      : []),
  ];
}

const lite = 'lite_train_lite_infer';

/** The script goes by the length of an entry. */
function noteGpuList({ path, gpuList }: TrainInferFile): string[] {
  return gpuList.values.flatMap((entry) => {
    if (entry.length > 15 && !entry.includes(';'))
      return [
        `${path}:${gpuList.line}: TIPC takes ${entry} for the addresses of machines, for it has more than 15 characters`,
      ];
    return [];
  });
}

/** Names of logs leave out trainer and precision, those of folders the GPU too. */
function noteSharedFiles(
  { path }: TrainInferFile,
  steps: readonly TipcStep[],
  field: 'logPath' | 'resultsFolder',
  what: string,
): string[] {
  const writers = new Map<string, number[]>();
  for (const step of steps) {
    const name = step[field];
    if (name !== null) writers.set(name, [...(writers.get(name) ?? []), step.number]);
  }
  return [...writers]
    .filter(([, numbers]) => numbers.length > 1)
    .map(([name, numbers]) => `${path}: steps ${numbers.join(', ')} write over one another's ${what} ${name}`);
}

/** Inference that is told no folder writes to ./output, all rows to the same. */
function noteLostResults({ path, infer }: TrainInferFile, steps: readonly TipcStep[]): string[] {
  const lost = steps.filter(({ kind, resultsFolder }) => kind === 'infer' && resultsFolder === null);
  if (lost.length === 0) return [];
  const numbers = lost.map(({ number }) => number).join(', ');
  const verb = lost.length === 1 ? 'step' : 'steps';
  return [
    `${path}:${infer.command.line}: TIPC tells ${verb} ${numbers} no folder for its results; they go to ./output`,
  ];
}
