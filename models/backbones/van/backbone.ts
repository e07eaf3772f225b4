import { packageSchema } from '../../../harness/support/schema.js';
import type { Backbone } from '../../backbone.js';
import { trunkNetwork } from '../../parts/gated-trunk.js';
import { sectionReader } from '../../section-schema.js';
import { vanSizes, vanTrunk } from './trunk.js';

interface RawVan {
  readonly in_chans: number;
  readonly drop_rate: number;
  readonly drop_path_rate: number;
}

const schema = packageSchema('models/backbones/van/config.schema.json');

/** VAN (Guo et al. 2022) as paddleclas 2.6.0 has it, without its head. Source: ppcls/arch/backbone/model_zoo/van.py. */
export const backbone: Backbone = {
  types: Object.keys(vanSizes),
  parse(section, subject) {
    const raw = sectionReader(schema, subject)<RawVan>(section, '#', 'backbone');
    const given = { inChannels: raw.in_chans, dropRate: raw.drop_rate, dropPathRate: raw.drop_path_rate };
    return trunkNetwork(vanTrunk(section.type, given));
  },
};
