import { UserError } from '../../harness/support/errors.js';
import type { ModelDefinition } from '../model-definition.js';
import { stageMaps } from '../parts/gated-trunk.js';
import { trunkParameters } from '../parts/gated-trunk-state.js';
import { parseVan, type VanConfig, vanTypes } from './config.js';

/** VAN (Guo et al. 2022) as paddleclas 2.6.0 has it, a classifier. Source: ppcls/arch/backbone/model_zoo/van.py. */
export const definition: ModelDefinition<VanConfig> = {
  types: vanTypes,
  classifies: true,
  parse: parseVan,
  parameters: ({ trunk, classes }) =>
    new Map([
      ...trunkParameters('', trunk),
      ['head.weight', [trunk.embedDims.at(-1)!, classes]],
      ['head.bias', [classes]],
    ]),
  exampleImage: ({ trunk }) => [1, trunk.inChannels, 32, 32],
  draws({ trunk: { inChannels } }, imageShape) {
    const [, channels] = imageShape;
    if (imageShape.length !== 4 || channels !== inChannels || !imageShape.every((size) => size > 0))
      throw new UserError(
        `Cannot run VAN: the image is [${imageShape.join(', ')}]; [batch, ${inChannels}, height, width] is wanted, none of them 0`,
      );
    return new Map();
  },
  forward(ops, { trunk }, image) {
    const last = stageMaps(ops, image, '', trunk).at(-1)!;
    const scores = ops.probe('head', ops.linear(ops.meanOverPositions(last), 'head')); // [b, classes]
    return ops.probe('logits', scores);
  },
};
