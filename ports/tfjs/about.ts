import type { PortAbout } from '../../harness/setup/port-about.js';
import { findTfjsAddon, tfjsAddonFolder, tfjsNode } from './addon.js';

export const about: PortAbout = {
  kind: 'named',
  runsOn: 'TensorFlow',
  engines: [tfjsNode],
  rank: 2,
  required: true,
  trains: true,
  cpuOnly: false,
  prepare: () => import('./prepare.js'),
  slow: true,
  native: { isReady: (device) => findTfjsAddon(device) !== null, folder: tfjsAddonFolder },
  capabilities: {},
  // Training of 2×256×256 pixels peaks at 2198 MB, of which 600 are held before the first step (`tipcheck train
  // --json`). Inference at 512×1024 and 1024×2048 peaks at 660 and 1034 MB; the former takes 751 ms
  // (docs/benchmarks.md).
  estimates: {
    train: { baseMb: 600, mbPerPixel: 1598 / 131_072, secondsPerPixel: 1.5e-5 },
    infer: { baseMb: 535, mbPerPixel: 374 / 1_572_864, secondsPerPixel: 0.751 / 524_288 },
  },
};
