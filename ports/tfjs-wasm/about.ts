import type { PortAbout } from '../../harness/setup/port-about.js';
import { tfjs, wasmBackend } from './engines.js';

export const about: PortAbout = {
  kind: 'named',
  runsOn: 'WebAssembly',
  engines: [wasmBackend, tfjs],
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
