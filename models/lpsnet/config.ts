import type { ModelSection } from '../../harness/contract/port.js';
import { cannot } from '../../harness/support/errors.js';
import { packageSchema } from '../../harness/support/schema.js';
import { sectionReader } from '../section-schema.js';

/** LPSNet with every default filled in. Source: `LPSNet.__init__` in models/lpsnet.py. */
export interface LpsNetConfig {
  /** One entry per block in depths and channels. */
  readonly depths: readonly number[];
  readonly channels: readonly number[];
  /** Of each branch: its part of the image's height and width. */
  readonly ratios: readonly number[];
  readonly numClasses: number;
  readonly inChannels: number;
}

const subject = 'the model section of LPSNet';
const readSection = sectionReader(packageSchema('models/lpsnet/config.schema.json'), subject);

interface RawLpsNet {
  readonly depths: readonly number[];
  readonly channels: readonly number[];
  readonly scale_ratios: readonly number[];
  readonly num_classes: number;
  readonly in_channels: number;
}

/** Validates the section and fills in the reference's defaults. Throws a UserError that names the key. */
export function parseLpsNet(section: ModelSection): LpsNetConfig {
  const raw = readSection<RawLpsNet>(section, '#', '');
  const { depths, channels, scale_ratios: given } = raw;
  if (depths.length !== channels.length) {
    const is = `it has ${depths.length} depths and ${channels.length} channels`;
    throw cannot('read', subject, is, 'one of each per block is wanted');
  }
  const ratios = given.filter((ratio) => ratio > 0);
  if (ratios.length < 2) {
    const wanted = 'two or more above 0 are wanted, since the reference cannot run one branch alone';
    throw cannot('read', subject, `scale_ratios is [${given.join(', ')}]`, wanted);
  }
  return { depths, channels, ratios, numClasses: raw.num_classes, inChannels: raw.in_channels };
}
