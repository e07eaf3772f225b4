import type { EngineAbout } from '../../harness/setup/engine-about.js';

export const about: EngineAbout = {
  runsOn: 'ONNX Runtime Web in Node, by WebAssembly',
  program: 'adapter.mjs',
  packages: ['onnxruntime-web@1.30.0'],
  option: null,
};
