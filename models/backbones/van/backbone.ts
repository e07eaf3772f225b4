import type { Backbone } from '../../backbone.js';
import { trunkNetwork } from '../../parts/gated-trunk.js';
import { parseVan, vanSizes } from './config.js';
import { embed, gate, mix } from './layers.js';

/** VAN (Guo et al. 2022) as paddleclas 2.6.0 has it, without its head. Source: ppcls/arch/backbone/model_zoo/van.py. */
export const backbone: Backbone = {
  types: Object.keys(vanSizes),
  parse: (section, subject) => trunkNetwork({ ...parseVan(section, subject), epsilon: 1e-6, embed, gate, mix }),
};
