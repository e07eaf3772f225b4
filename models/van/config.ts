import type { ModelSection } from '../../harness/contract/port.js';
import { cannot } from '../../harness/support/errors.js';
import { packageSchema } from '../../harness/support/schema.js';
import { vanSizes, vanTrunk } from '../backbones/van/trunk.js';
import type { Trunk } from '../parts/trunk.js';
import { sectionReader } from '../section-schema.js';

export interface VanConfig {
  readonly trunk: Trunk;
  readonly classes: number;
}

interface RawVan {
  readonly type: string;
  readonly class_num: number;
  readonly in_chans: number;
  readonly pretrained: unknown;
}

export const vanTypes = Object.keys(vanSizes);

const schema = packageSchema('models/van/config.schema.json');

/** Validates the section and fills in the reference's defaults. Throws a UserError that names the key. */
export function parseVan(section: ModelSection): VanConfig {
  const subject = `the model section of ${String(section.type)}`;
  if ('num_classes' in section)
    throw cannot(
      'read',
      subject,
      'num_classes stands in it, or comes from a data set of the yml',
      'a classifier has class_num, and no data set is evaluated or trained with it',
      `model: {type: SegNeXt, backbone: {type: ${String(section.type)}}, …} for segmentation`,
    );
  const raw = sectionReader(schema, subject)<RawVan>(section, '#', '');
  if (raw.pretrained !== false && raw.pretrained !== null)
    throw cannot(
      'read',
      subject,
      `pretrained is ${JSON.stringify(raw.pretrained)}`,
      'no weights are fetched for it, and the key left out is wanted',
      'download the .pdparams file and give it by --model_path, or by --weights of tipcheck golden',
    );
  return {
    trunk: vanTrunk(raw.type, { inChannels: raw.in_chans, dropRate: 0, dropPathRate: 0 }),
    classes: raw.class_num,
  };
}
