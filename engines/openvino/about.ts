import type { EngineAbout } from '../../harness/setup/engine-about.js';

export const about: EngineAbout = {
  runsOn: 'OpenVINO',
  program: 'adapter.py',
  packages: ['openvino==2026.4.1', 'numpy==2.4.6'],
  option: 'a device (CPU), and after a comma a precision in place of f32 (CPU,bf16)',
};
