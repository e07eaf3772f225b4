import { dirname, join } from 'node:path';
import type { EngineReport } from '../../harness/contract/engine-report.js';
import type { PortOptions } from '../../harness/contract/port.js';
import { engineRequire } from '../../harness/setup/engines.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import type { TensorFlowJs } from '../tfjs-shared/tensorflow-js.js';
import { wasmBackend } from './engines.js';

export interface LoadedEngine {
  readonly tf: TensorFlowJs;
  readonly report: EngineReport;
}

const { name: backendName } = wasmBackend;

/**
 * Loads TensorFlow.js with its WASM backend, from the package's own files. Throws an EnvironmentError for device gpu.
 */
export async function loadWasm({ device }: PortOptions): Promise<LoadedEngine> {
  if (device === 'gpu') {
    throw new EnvironmentError(
      'Cannot use device gpu for tfjs-wasm: WebAssembly runs on the CPU; cpu or auto is wanted',
    );
  }
  const require = engineRequire(wasmBackend);
  // The core that the backend itself sees: another copy would not know of the backend.
  const tf = require('@tensorflow/tfjs-core') as TensorFlowJs;
  const backend = require(backendName) as WasmBackend;
  backend.setWasmPaths(`${join(dirname(require.resolve(`${backendName}/package.json`)), 'dist')}/`);
  if (!(await tf.setBackend('wasm'))) {
    throw new EnvironmentError(`Cannot start ${backendName}: TensorFlow.js refused it; Node 20.11 or later is wanted`);
  }
  await tf.ready();
  return {
    tf,
    report: {
      engine: backendName,
      version: backend.version_wasm,
      device: 'cpu',
      provider: 'wasm',
      tf32: 'not applicable',
      details: {
        simd: String(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')),
        // tfjs 4.22.0 has its threads switched off in Node: https://github.com/tensorflow/tfjs/issues/3830
        threads: '1',
      },
    },
  };
}

interface WasmBackend {
  readonly version_wasm: string;
  setWasmPaths(folder: string): void;
}
