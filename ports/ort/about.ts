import type { PortAbout } from '../../harness/setup/port-about.js';
import { cudaEngines, onnxruntimeNode } from './engine.js';

export const about: PortAbout = {
  kind: 'named',
  runsOn: 'onnxruntime',
  engines: [onnxruntimeNode],
  cudaEngines,
  rank: 1,
  required: true,
  trains: true,
  cpuOnly: false,
  prepare: () => import('./prepare.js'),
  releases: () => import('./releases.js'),
  slow: false,
  native: null,
  capabilities: { graph: true, export: () => import('./export-model.js') },
  // Training of 2×256×256 pixels peaks at 961 MB, of which 250 are held before the first step (`tipcheck train
  // --json`). Inference at 512×1024 and 1024×2048 peaks at 362 and 757 MB; the former takes 226 ms
  // (docs/benchmarks.md).
  estimates: {
    train: { baseMb: 250, mbPerPixel: 711 / 131_072, secondsPerPixel: 4e-6 },
    infer: { baseMb: 230, mbPerPixel: 395 / 1_572_864, secondsPerPixel: 0.226 / 524_288 },
  },
};
