import type { ModelSection } from '../../harness/contract/port.js';
import { cannot } from '../../harness/support/errors.js';
import { packageSchema } from '../../harness/support/schema.js';
import type { BackboneNetwork, BackboneSection } from '../backbone.js';
import { cd } from '../parts/cd.js';
import type { Decomposition, DecompositionSize } from '../parts/decomposition.js';
import type { LightHamConfig } from '../parts/light-ham-head.js';
import { nmf } from '../parts/nmf.js';
import { vq } from '../parts/vq.js';
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
  readonly HAM_TYPE: 'VQ' | 'CD' | 'NMF';
  readonly BETA?: number;
  readonly INV_T: number;
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
  return {
    channels: raw.channels,
    hamChannels: raw.ham_channels,
    numGroups: raw.num_groups,
    alignCorners: raw.align_corners,
    dropoutRate: raw.dropout_rate,
    ham: parseHam(ham),
  };
}

function parseHam(raw: RawHam): Decomposition {
  const size: DecompositionSize = {
    splits: raw.MD_S,
    rank: raw.MD_R,
    spatial: raw.SPATIAL,
    trainSteps: raw.TRAIN_STEPS,
    evalSteps: raw.EVAL_STEPS,
  };
  const refuse = (what: string, wanted: string) =>
    cannot('read', subject, `decoder_cfg.ham_kwargs has ${what}`, wanted);
  if (raw.BETA !== undefined && raw.HAM_TYPE !== 'CD')
    throw refuse(`BETA and HAM_TYPE ${raw.HAM_TYPE}`, 'BETA is of CD alone; the key left out is wanted');
  if (raw.HAM_TYPE === 'NMF') {
    if (!raw.SPATIAL && !raw.RAND_INIT)
      throw refuse(
        'SPATIAL and RAND_INIT false',
        'one of them true is wanted, since the reference would shape its fixed bases by the first image it sees',
      );
    return nmf(size, raw.RAND_INIT ? 'uniform' : 'kept');
  }
  if (!raw.RAND_INIT) throw refuse(`HAM_TYPE ${raw.HAM_TYPE} and RAND_INIT false`, 'RAND_INIT true is wanted');
  if (raw.INV_T <= 0) throw refuse(`INV_T ${raw.INV_T}`, 'a number above 0 is wanted');
  if (raw.HAM_TYPE === 'VQ') return vq(size, raw.INV_T);
  const beta = raw.BETA ?? defaultBeta;
  if (beta < smallestBeta)
    throw refuse(
      `BETA ${beta}`,
      `${smallestBeta} or more is wanted, since float32 rounds the sums that it is added to`,
    );
  return cd(size, raw.INV_T, beta);
}

/** Of `CD2D` in hamburger/ham.py. */
const defaultBeta = 0.1;
/** It is added to DᵀD, whose diagonal is 1 and rounded to 6e-8. */
const smallestBeta = 1e-6;

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
