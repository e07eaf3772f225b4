import type { Port, PortOptions } from '../../harness/hosts/port-contract.js';
import { loadModel } from '../tfjs-shared/load-model.js';
import { loadTensorFlow } from './load-tensorflow.js';

/** The models on @tensorflow/tfjs-node-gpu, executed eagerly. */
export async function createPort(options: PortOptions): Promise<Port> {
  const { tf, report } = loadTensorFlow(options);
  return {
    report,
    phases: ['infer'],
    replacesProbes: true,
    load: (section, weights) => loadModel(tf, section, weights),
    close: async () => undefined,
  };
}
