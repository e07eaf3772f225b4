import type { Backbone } from '../../backbone.js';
import type { Initial } from '../../model-definition.js';
import { type MscanConfig, mscanTypes, parseMscan } from './config.js';
import { mscanParameters } from './parameters.js';
import { dropPathRates, mscan } from './stages.js';

/** MSCAN (Guo et al. 2022) as PaddleSeg 2.8.0 has it. Source: models/backbones/mscan.py. */
export const backbone: Backbone = {
  types: mscanTypes,
  parse(section, subject) {
    const config = parseMscan(section, subject);
    return {
      inChannels: config.inChannels,
      channels: config.embedDims,
      dropPaths: listDropPaths(config),
      untrainable:
        config.dropRate > 0
          ? `drop_rate is ${config.dropRate}; 0 is wanted, since what the MLP's Dropout keeps has no name in a bundle`
          : null,
      parameters: (name) => mscanParameters(name, config),
      initial: initialOf,
      forward: (ops, image, name) => mscan(ops, image, name, config),
    };
  },
};

function listDropPaths(config: MscanConfig): { name: string; rate: number }[] {
  const rates = dropPathRates(config);
  const blocks = config.depths.flatMap((depth, stage) =>
    Array.from({ length: depth }, (_, index) => `block${stage + 1}.${index}`),
  );
  return blocks.map((block, at) => ({ name: `${block}.drop_path`, rate: rates[at]! }));
}

/**
 * Source: `init_weights` in mscan.py: normal, by what a convolution gives out. Layer scales are 0.01, norms 1 and 0,
 * biases 0.
 */
function initialOf(name: string, shape: readonly number[]): Initial {
  if (/(^|\.)layer_scale_/.test(name)) return { kind: 'constant', value: 0.01 };
  if (shape.length !== 4)
    return { kind: 'constant', value: name.endsWith('.weight') || name.endsWith('._variance') ? 1 : 0 };
  const [out = 0, perGroup = 0, kh = 0, kw = 0] = shape;
  const depthwise = perGroup === 1 && !name.includes('.proj.0.');
  return { kind: 'normal', std: Math.sqrt(2 / (kh * kw * (depthwise ? 1 : out))) };
}
