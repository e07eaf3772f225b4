import type { EngineAbout } from '../../harness/setup/engine-about.js';

export const about: EngineAbout = {
  runsOn: 'ONNX Runtime, by Python',
  program: 'adapter.py',
  packages: ['onnxruntime==1.32.0', 'numpy==2.4.6', 'flatbuffers==25.12.19', 'packaging==26.4', 'protobuf==7.36.2'],
  option: 'an execution provider (CPUExecutionProvider)',
};
