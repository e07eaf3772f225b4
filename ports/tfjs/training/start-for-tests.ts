import { findModel } from '../../../models/registry.js';
import type { RankModule } from '../../../training/rank-for-tests.js';
import { smallSection } from '../../../training/small-training-for-tests.js';
import { loadTensorFlow } from '../load-tensorflow.js';
import { startTraining } from './start-training.js';

/** The small network in training, on one thread. */
export const start: RankModule['start'] = async (weights, request) => {
  const { tf } = await loadTensorFlow({ device: 'cpu', threads: 1 });
  return startTraining(tf, smallSection, weights, request, { findModel });
};
