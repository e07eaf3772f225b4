import type { ModelSection } from '../../harness/contract/port.js';
import { cannot } from '../../harness/support/errors.js';
import { packageSchema } from '../../harness/support/schema.js';
import type { LightHamConfig } from '../parts/light-ham-head.js';
import { sectionReader } from '../section-schema.js';

/** SegNeXt with every default filled in. */
export interface SegNeXtConfig {
  readonly backbone: MscanConfig;
  readonly head: LightHamConfig;
  readonly numClasses: number;
}

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

/** Validates the section and fills in the reference's defaults. Throws a UserError that names the key. */
export function parseSegNeXt(section: ModelSection): SegNeXtConfig {
  const raw = readSection<RawSegNeXt>(section, '#', '');
  const backbone = parseBackbone(raw.backbone);
  const head = parseHead(raw.decoder_cfg);
  validateChannels(backbone, raw.backbone_indices);
  return { backbone, head, numClasses: raw.num_classes };
}

const subject = 'the model section of SegNeXt';
const readSection = sectionReader(packageSchema('models/segnext/config.schema.json'), subject);

interface RawSegNeXt {
  readonly backbone: { readonly type: string };
  readonly decoder_cfg: RawDecoder;
  readonly num_classes: number;
  readonly backbone_indices: readonly number[];
}

interface RawMscan {
  readonly in_channels: number;
  readonly embed_dims: readonly number[];
  readonly depths: readonly number[];
  readonly mlp_ratios: readonly number[];
  readonly atten_kernel_sizes: readonly number[];
  readonly drop_rate: number;
  readonly drop_path_rate: number;
}

interface RawDecoder {
  readonly channels: number;
  readonly dropout_rate: number;
  readonly align_corners: boolean;
  readonly ham_channels: number;
  readonly num_groups: number;
  readonly ham_kwargs: RawHam | null;
}

interface RawHam {
  readonly SPATIAL: boolean;
  readonly MD_S: number;
  readonly MD_R: number;
  readonly TRAIN_STEPS: number;
  readonly EVAL_STEPS: number;
  readonly RAND_INIT: boolean;
}

/** What a type fixes, from the functions MSCAN_S, MSCAN_B and MSCAN_L at the end of mscan.py. MSCAN_T fixes nothing. */
const wide = { embed_dims: [64, 128, 320, 512] };
const fixed: Readonly<Record<string, Partial<RawMscan>>> = {
  MSCAN_S: { ...wide, depths: [2, 2, 4, 2] },
  MSCAN_B: { ...wide, depths: [3, 3, 12, 3], drop_path_rate: 0.1 },
  MSCAN_L: { ...wide, depths: [3, 5, 27, 3], drop_path_rate: 0.3 },
};

function parseBackbone(section: { readonly type: string }): MscanConfig {
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

function parseHead(raw: RawDecoder): LightHamConfig {
  const ham = readSection<RawHam>(raw.ham_kwargs ?? {}, '#/$defs/ham_kwargs', 'decoder_cfg.ham_kwargs');
  for (const key of ['channels', 'ham_channels'] as const) {
    if (raw[key] % raw.num_groups !== 0) {
      throw cannot(
        'read',
        subject,
        `decoder_cfg.${key} is ${raw[key]}`,
        `a multiple of num_groups (${raw.num_groups}) is wanted`,
      );
    }
  }
  if (raw.ham_channels % ham.MD_S !== 0) {
    throw cannot(
      'read',
      subject,
      `decoder_cfg.ham_channels is ${raw.ham_channels}`,
      `a multiple of ham_kwargs.MD_S (${ham.MD_S}) is wanted`,
    );
  }
  if (!ham.SPATIAL && !ham.RAND_INIT) {
    throw cannot(
      'read',
      subject,
      'decoder_cfg.ham_kwargs has SPATIAL and RAND_INIT false',
      'one of them true is wanted, since the reference would shape its fixed bases by the first image it sees',
    );
  }
  return {
    channels: raw.channels,
    hamChannels: raw.ham_channels,
    numGroups: raw.num_groups,
    alignCorners: raw.align_corners,
    dropoutRate: raw.dropout_rate,
    nmf: {
      splits: ham.MD_S,
      rank: ham.MD_R,
      spatial: ham.SPATIAL,
      trainSteps: ham.TRAIN_STEPS,
      evalSteps: ham.EVAL_STEPS,
      randomBases: ham.RAND_INIT,
    },
  };
}

/** The head takes the stages after the first, whatever backbone_indices says: those only count its input channels. */
function validateChannels({ embedDims }: MscanConfig, indices: readonly number[]): void {
  const counted = indices.map((index) => {
    const channels = embedDims.at(index);
    if (channels === undefined)
      throw cannot('read', subject, `backbone_indices holds ${index}`, `the backbone has ${embedDims.length} stages`);
    return channels;
  });
  const sum = (widths: readonly number[]) => widths.reduce((total, width) => total + width, 0);
  if (sum(counted) !== sum(embedDims.slice(1))) {
    throw cannot(
      'read',
      subject,
      `backbone_indices [${indices.join(', ')}] count ${sum(counted)} channels`,
      `${sum(embedDims.slice(1))} is wanted, since the head takes every stage but the first`,
    );
  }
}
