import type { Trunk } from '../../parts/trunk.js';
import { embed, gate, mix } from './layers.js';

/** What a type fixes. Source: the functions VAN_B0 to VAN_B3 at the end of van.py. */
const ratios = { mlpRatios: [8, 8, 4, 4] };
const wide = { ...ratios, embedDims: [64, 128, 320, 512] };
export const vanSizes = {
  VAN_B0: { ...ratios, embedDims: [32, 64, 160, 256], depths: [3, 3, 5, 2] },
  VAN_B1: { ...wide, depths: [2, 2, 4, 2] },
  VAN_B2: { ...wide, depths: [3, 3, 12, 3] },
  VAN_B3: { ...wide, depths: [3, 5, 27, 3] },
} as const;

/** @param type one of vanSizes */
export function vanTrunk(type: string, given: Pick<Trunk, 'inChannels' | 'dropRate' | 'dropPathRate'>): Trunk {
  return { ...vanSizes[type as keyof typeof vanSizes], ...given, epsilon: 1e-6, embed, gate, mix };
}
