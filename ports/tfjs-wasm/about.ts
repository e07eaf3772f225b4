import type { PortAbout } from '../../harness/setup/port-about.js';

export const about: PortAbout = {
  kind: 'named',
  runsOn: 'WebAssembly',
  engines: [
    { name: '@tensorflow/tfjs-backend-wasm', version: '4.22.0' },
    { name: '@tensorflow/tfjs', version: '4.22.0' },
  ],
  rank: 3,
  required: false,
  trains: false,
  cpuOnly: true,
  prepare: () => import('./prepare.js'),
  slow: false,
  native: null,
  capabilities: {},
  estimates: null,
};
