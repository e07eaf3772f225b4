import type { Backbone } from '../../backbone.js';
import { trunkNetwork } from '../../parts/gated-trunk.js';
import { mscanTypes, parseMscan } from './config.js';
import { mix, multiScaleGate } from './gate.js';
import { embed } from './patch-embed.js';

/** MSCAN (Guo et al. 2022) as PaddleSeg 2.8.0 has it. Source: models/backbones/mscan.py. */
export const backbone: Backbone = {
  types: mscanTypes,
  parse(section, subject) {
    const { attenKernelSizes, ...config } = parseMscan(section, subject);
    return trunkNetwork({ ...config, epsilon: 1e-5, embed, gate: multiScaleGate(attenKernelSizes), mix });
  },
};
