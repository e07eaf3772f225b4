import type { Port, PortOptions } from '../../harness/hosts/port-contract.js';
import { findBugSwitch } from '../../models/bug-switches.js';
import { loadModel } from './load-model.js';
import { openRuntime } from './session.js';

/** Emits one ONNX graph of the model and runs it in onnxruntime-node. Not yet seen on a GPU. */
export async function createPort(options: PortOptions): Promise<Port> {
  const bug = findBugSwitch(options.settings?.bug);
  const runtime = await openRuntime(options);
  return {
    report: runtime.report,
    phases: ['infer', 'train'],
    replacesProbes: true,
    load: (model, weights) => loadModel(runtime, model, weights, bug),
    close: async () => undefined,
  };
}
