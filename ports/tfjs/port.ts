import type { Port, PortOptions } from '../../harness/hosts/port-contract.js';
import { findBugSwitch } from '../../models/bug-switches.js';
import { loadModel } from '../tfjs-shared/load-model.js';
import { loadTensorFlow } from './load-tensorflow.js';

/** The models on @tensorflow/tfjs-node-gpu, executed eagerly. */
export async function createPort(options: PortOptions): Promise<Port> {
  const bug = findBugSwitch(options.settings?.bug);
  const { tf, report } = loadTensorFlow(options);
  return {
    report,
    phases: ['infer'],
    replacesProbes: true,
    load: (section, weights) =>
      loadModel(tf, section, weights, { bytesAtATime: report.device === 'gpu' ? null : cacheBytes, bug }),
    close: async () => undefined,
  };
}

/** What a core's own cache holds, roughly: the second level is 1 to 2 MB on today's servers, 0.25 to 2 elsewhere. */
const cacheBytes = 2 * 1024 * 1024;
