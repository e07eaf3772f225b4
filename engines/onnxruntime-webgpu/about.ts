import type { EngineAbout } from '../../harness/setup/engine-about.js';

export const about: EngineAbout = {
  runsOn: 'ONNX Runtime Web in headless Chromium, by WebGPU',
  program: 'adapter.mjs',
  packages: ['onnxruntime-web@1.30.0'],
  option: 'a file of the package: ort.webgpu.min.mjs (native) or ort.min.mjs (JSEP)',
};
