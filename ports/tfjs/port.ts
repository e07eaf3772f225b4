import type { Port, PortOptions } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import { findBugSwitch } from '../../models/bug-switches.js';
import { loadModel } from '../tfjs-shared/load-model.js';
import { loadTensorFlow } from './load-tensorflow.js';
import { startTraining } from './training/start-training.js';

/** The models on @tensorflow/tfjs-node-gpu, executed eagerly. */
export async function createPort(options: PortOptions): Promise<Port> {
  const bug = findBugSwitch(options.settings?.bug);
  if (bug?.backward !== undefined)
    throw new UserError('Cannot switch on a wrong backward in tfjs: it differentiates by itself; ort is wanted');
  const { tf, report } = loadTensorFlow(options);
  return {
    report,
    phases: ['infer', 'train'],
    replacesProbes: true,
    async load(section, weights) {
      const loaded = await loadModel(tf, section, weights, {
        bytesAtATime: report.device === 'gpu' ? null : cacheBytes,
        bug,
      });
      return { ...loaded, train: (request) => startTraining(tf, section, weights, request, bug) };
    },
    close: async () => undefined,
  };
}

/**
 * MSCAN_T at 512×1024 on one core with 2 MB of its own cache: 1, 2, 4, 8 MB and all rows at once took 1.12, 1.00, 0.88,
 * 0.94 and 0.98 s.
 */
const cacheBytes = 4 * 1024 * 1024;
