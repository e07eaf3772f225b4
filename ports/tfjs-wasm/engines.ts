import type { Engine } from '../../harness/setup/engines.js';

export const wasmBackend: Engine = { name: '@tensorflow/tfjs-backend-wasm', version: '4.22.0' };
export const tfjs: Engine = { name: '@tensorflow/tfjs', version: '4.22.0' };
