import type { ModelSection } from '../../harness/contract/port.js';
import { cannot } from '../../harness/support/errors.js';
import { packageSchema } from '../../harness/support/schema.js';
import type { BackboneNetwork, BackboneSection } from '../backbone.js';
import type { LightHamConfig } from '../parts/light-ham-head.js';
import { readBackbones } from '../read-backbones.js';
import { describeChoice, SectionError, sectionReader } from '../section-schema.js';

/** SegNeXt with every default filled in. */
export interface SegNeXtConfig {
  readonly backbone: BackboneNetwork;
  readonly head: LightHamConfig;
  readonly numClasses: number;
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
  readonly backbone: BackboneSection;
  readonly decoder_cfg: RawDecoder;
  readonly num_classes: number;
  readonly backbone_indices: readonly number[];
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

const backbones = await readBackbones();

/** The backbone of the section's type, whichever folder has it. */
function parseBackbone(section: BackboneSection): BackboneNetwork {
  const found = backbones.find(({ types }) => types.includes(section.type));
  if (found !== undefined) return found.parse(section, subject);
  const types = backbones.flatMap((backbone) => backbone.types);
  throw new SectionError(subject, 'backbone.type', describeChoice('backbone.type', section.type, types));
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
function validateChannels({ channels: stages }: BackboneNetwork, indices: readonly number[]): void {
  const counted = indices.map((index) => {
    const channels = stages.at(index);
    if (channels === undefined)
      throw cannot('read', subject, `backbone_indices holds ${index}`, `the backbone has ${stages.length} stages`);
    return channels;
  });
  const sum = (widths: readonly number[]) => widths.reduce((total, width) => total + width, 0);
  if (sum(counted) !== sum(stages.slice(1))) {
    throw cannot(
      'read',
      subject,
      `backbone_indices [${indices.join(', ')}] count ${sum(counted)} channels`,
      `${sum(stages.slice(1))} is wanted, since the head takes every stage but the first`,
    );
  }
}
