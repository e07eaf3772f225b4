import { packageSchema } from '../../../harness/support/schema.js';
import type { BackboneSection } from '../../backbone.js';
import type { Trunk } from '../../parts/trunk.js';
import { sectionReader } from '../../section-schema.js';

/** What a type fixes. Source: the functions VAN_B0 to VAN_B3 at the end of van.py. */
const ratios = { mlpRatios: [8, 8, 4, 4] };
const wide = { ...ratios, embedDims: [64, 128, 320, 512] };
export const vanSizes = {
  VAN_B0: { ...ratios, embedDims: [32, 64, 160, 256], depths: [3, 3, 5, 2] },
  VAN_B1: { ...wide, depths: [2, 2, 4, 2] },
  VAN_B2: { ...wide, depths: [3, 3, 12, 3] },
  VAN_B3: { ...wide, depths: [3, 5, 27, 3] },
} as const;

type VanConfig = Pick<Trunk, 'inChannels' | 'embedDims' | 'depths' | 'mlpRatios' | 'dropRate' | 'dropPathRate'>;

interface RawVan {
  readonly in_chans: number;
  readonly drop_rate: number;
  readonly drop_path_rate: number;
}

const schema = packageSchema('models/backbones/van/config.schema.json');

/** @param subject whose section it is, for errors */
export function parseVan(section: BackboneSection, subject: string): VanConfig {
  const raw = sectionReader(schema, subject)<RawVan>(section, '#', 'backbone');
  const size = vanSizes[section.type as keyof typeof vanSizes];
  return { ...size, inChannels: raw.in_chans, dropRate: raw.drop_rate, dropPathRate: raw.drop_path_rate };
}
