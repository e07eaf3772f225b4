import type { Port, PortOptions } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';
import { newTape } from './gradients/tape.js';
import { loadModel, type PortParts } from './load-model.js';
import { openRuntime } from './session.js';

/**
 * Emits one ONNX graph of the model, or of a step of its training, and runs it in onnxruntime-node. Not yet seen on a
 * GPU.
 */
export async function createPort(options: PortOptions, parts: PortParts = { findModel, newTape }): Promise<Port> {
  const blocked = parseBlocked(options.settings?.blocked);
  const { release } = options.settings ?? {};
  const runtime = await openRuntime({ ...options, ...(typeof release === 'string' && { release }) });
  return {
    report: runtime.report,
    capabilities: new Set(['infer', 'train', 'replace']),
    load: (model, weights) => loadModel(runtime, model, weights, { ...parts, blocked }),
    close: async () => undefined,
  };
}

/**
 * `settings.blocked`: false keeps training to ONNX's own operators, true insists on ONNX Runtime's; without it, where
 * it can.
 */
function parseBlocked(setting: unknown): boolean | null {
  if (setting === undefined) return null;
  if (typeof setting === 'boolean') return setting;
  throw new UserError(`Cannot start ort: its setting blocked is ${JSON.stringify(setting)}; true or false is wanted`);
}
