import type { Port, PortOptions } from '../../harness/hosts/port-contract.js';
import { findBugSwitch } from '../../models/bug-switches.js';
import { loadModel } from '../tfjs-shared/load-model.js';
import { loadWasm } from './load-wasm.js';

/** The models on the WASM backend of TensorFlow.js, executed eagerly: for machines where TensorFlow cannot be had. */
export async function createPort(options: PortOptions): Promise<Port> {
  const bug = findBugSwitch(options.settings?.bug);
  const { tf, report } = await loadWasm(options);
  return {
    report,
    phases: ['infer'],
    replacesProbes: true,
    load: (section, weights) => loadModel(tf, section, weights, { bytesAtATime: cacheBytes, bug }),
    close: async () => undefined,
  };
}

/** Measured on two cores with 2 MB of second-level cache each: 1, 2, 4, 8 MB and all at once took 1.35, 1.10, 1.03, 1.2 and 1.37 s. */
const cacheBytes = 4 * 1024 * 1024;
