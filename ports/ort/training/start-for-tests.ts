import { findModel } from '../../../models/registry.js';
import type { RankModule } from '../../../training/rank-for-tests.js';
import { smallSection } from '../../../training/small-training-for-tests.js';
import { newTape } from '../gradients/tape.js';
import { openRuntime } from '../session.js';
import { startTraining } from './start-training.js';

/** The small network in training, on one thread. */
export const start: RankModule['start'] = async (weights, request) => {
  const runtime = await openRuntime({ device: 'cpu', threads: 1 });
  const definition = await findModel(smallSection);
  const model = { definition, config: definition.parse(smallSection), weights, newTape, blocked: null };
  return startTraining(runtime, model, request);
};
