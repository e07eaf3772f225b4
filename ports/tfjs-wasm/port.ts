import type { Port, PortOptions } from '../../harness/contract/port.js';
import { findModel, type ModelSource } from '../../models/registry.js';
import { loadModel } from '../tfjs-shared/load-model.js';
import { loadWasm } from './load-wasm.js';

/** The models on the WASM backend of TensorFlow.js, executed eagerly: for machines where TensorFlow cannot be had. */
export async function createPort(options: PortOptions, models: ModelSource = { findModel }): Promise<Port> {
  const { tf, report } = await loadWasm(options);
  return {
    report,
    capabilities: new Set(['infer', 'replace']),
    load: (section, weights) => loadModel(tf, section, weights, { bytesAtATime: cacheBytes, ...models }),
    close: async () => undefined,
  };
}

/** As for tfjs-node-gpu; here it saves memory, not time. */
const cacheBytes = 4 * 1024 * 1024;
