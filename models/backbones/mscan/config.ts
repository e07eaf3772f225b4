import { cannot } from '../../../harness/support/errors.js';
import { packageSchema } from '../../../harness/support/schema.js';
import type { BackboneSection } from '../../backbone.js';
import { sectionReader } from '../../section-schema.js';

/** Source: `MSCAN.__init__` in models/backbones/mscan.py. One entry per stage in embedDims, depths and mlpRatios. */
export interface MscanConfig {
  readonly inChannels: number;
  readonly embedDims: readonly number[];
  readonly depths: readonly number[];
  readonly mlpRatios: readonly number[];
  readonly attenKernelSizes: readonly number[];
  readonly dropRate: number;
  readonly dropPathRate: number;
}

const schema = packageSchema('models/backbones/mscan/config.schema.json');

/** Each has its section under `$defs` of the schema. */
export const mscanTypes: readonly string[] = ['MSCAN', 'MSCAN_T', 'MSCAN_S', 'MSCAN_B', 'MSCAN_L'];

interface RawMscan {
  readonly in_channels: number;
  readonly embed_dims: readonly number[];
  readonly depths: readonly number[];
  readonly mlp_ratios: readonly number[];
  readonly atten_kernel_sizes: readonly number[];
  readonly drop_rate: number;
  readonly drop_path_rate: number;
}

/** What a type fixes, from the functions MSCAN_S, MSCAN_B and MSCAN_L at the end of mscan.py. MSCAN_T fixes nothing. */
const wide = { embed_dims: [64, 128, 320, 512] };
const fixed: Readonly<Record<string, Partial<RawMscan>>> = {
  MSCAN_S: { ...wide, depths: [2, 2, 4, 2] },
  MSCAN_B: { ...wide, depths: [3, 3, 12, 3], drop_path_rate: 0.1 },
  MSCAN_L: { ...wide, depths: [3, 5, 27, 3], drop_path_rate: 0.3 },
};

/** @param subject whose section it is, for errors */
export function parseMscan(section: BackboneSection, subject: string): MscanConfig {
  const readSection = sectionReader(schema, subject);
  const given = readSection<RawMscan>(section, `#/$defs/${section.type}`, 'backbone');
  const raw: RawMscan = { ...given, ...fixed[section.type] };
  const stages = raw.embed_dims.length;
  if (raw.depths.length !== stages || raw.mlp_ratios.length !== stages) {
    throw cannot(
      'read',
      subject,
      `backbone has ${stages} embed_dims, ${raw.depths.length} depths and ${raw.mlp_ratios.length} mlp_ratios`,
      'one of each per stage is wanted',
    );
  }
  const even = raw.atten_kernel_sizes.find((size) => size % 2 === 0);
  if (even !== undefined) {
    throw cannot(
      'read',
      subject,
      `backbone.atten_kernel_sizes holds ${even}`,
      `odd sizes are wanted, since the strips' outputs are added`,
    );
  }
  if (raw.embed_dims[0]! < 2)
    throw cannot(
      'read',
      subject,
      `backbone.embed_dims.0 is ${raw.embed_dims[0]}`,
      'at least 2 is wanted, since the stem halves it',
    );
  return {
    inChannels: raw.in_channels,
    embedDims: raw.embed_dims,
    depths: raw.depths,
    mlpRatios: raw.mlp_ratios,
    attenKernelSizes: raw.atten_kernel_sizes,
    dropRate: raw.drop_rate,
    dropPathRate: raw.drop_path_rate,
  };
}
