import type { EngineAbout } from '../../harness/setup/engine-about.js';

export const about: EngineAbout = {
  runsOn: 'MNN, by Python',
  program: 'adapter.py',
  packages: ['MNN==3.6.1', 'numpy==2.4.6'],
  option: null,
};
