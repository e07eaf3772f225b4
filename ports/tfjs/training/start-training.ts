import type { TrainingSession } from '../../../harness/contract/port.js';
import { prepareTraining, validateBatch } from './prepare-training.js';
import { runStep } from './run-step.js';
import { seenStatistics } from './running-statistics.js';

/** Training on TensorFlow.js, by its automatic differentiation. Throws as `LoadedModel.train` does. */
export async function startTraining(...asked: Parameters<typeof prepareTraining>): Promise<TrainingSession> {
  const training = await prepareTraining(...asked);
  const { tf, plan, state, updater } = training;
  const [, , , { resume }] = asked;
  let done = resume?.steps ?? 0;
  return {
    async step(batch, onGradient) {
      validateBatch(plan, batch);
      const seen = seenStatistics(tf);
      try {
        const report = runStep(training, batch, done + 1, seen, onGradient);
        if (report.nonFinite === undefined) done++;
        return report;
      } finally {
        seen.dispose();
      }
    },
    async read(names, onValue) {
      for (const name of names) onValue(name, state.download(name, state.get(name)));
    },
    readSlots: async (onValue) => updater.readSlots(onValue),
    async dispose() {
      updater.dispose();
      state.dispose();
    },
  };
}
