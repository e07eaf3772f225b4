import { UserError } from '../../harness/support/errors.js';
import type { ModelDefinition } from '../model-definition.js';
import { lightHamHead } from '../parts/light-ham-head.js';
import type { Entry } from '../parts/state.js';
import { parseSegNeXt, type SegNeXtConfig } from './config.js';
import { initialSegNeXt } from './initial.js';
import { segNeXtParameters } from './parameters.js';
import { torchCodes } from './torch-names.js';

/** SegNeXt (Guo et al. 2022) as PaddleSeg 2.8.0 has it. Source: models/segnext.py. */
export const definition: ModelDefinition<SegNeXtConfig> = {
  types: ['SegNeXt'],
  parse: parseSegNeXt,
  parameters: segNeXtParameters,
  exampleImage: ({ backbone }) => [1, backbone.inChannels, 32, 32],
  draws(config, imageShape, phase = 'infer') {
    validateImage(config, imageShape);
    const bases: Entry[] = config.head.ham.bases === 'kept' ? [] : [[drawnBases, basesShape(config, imageShape)]];
    return new Map(
      phase === 'infer' ? bases : [...dropPathFlags(config, imageShape), ...bases, ...dropoutFlags(config, imageShape)],
    );
  },
  initial: initialSegNeXt,
  drawsNormal: ({ head }, name) => name === drawnBases && head.ham.bases === 'normal',
  keepShare({ backbone, head }, name) {
    if (name === 'decode_head.dropout') return 1 - head.dropoutRate;
    const found = backbone.dropPaths.find((one) => `backbone.${one.name}` === name);
    return found === undefined ? null : 1 - found.rate;
  },
  scores: ({ head }) => (head.alignCorners ? null : 'decode_head'),
  foreign: (config) => torchCodes(segNeXtParameters(config)),
  forward(ops, config, image) {
    const features = config.backbone.forward(ops, image, 'backbone');
    const scores = lightHamHead(ops, features, 'decode_head', config.head);
    const logits = ops.resizeBilinear(scores, image, { alignCorners: config.head.alignCorners });
    return ops.probe('logits', logits);
  },
};

const drawnBases = 'decode_head.hamburger.ham.bases';

/** A block calls its one DropPath twice: [2, b]. A rate of 0 draws nothing. */
function dropPathFlags({ backbone }: SegNeXtConfig, [batch = 0]: readonly number[]): Entry[] {
  if (backbone.untrainable !== null) throw new UserError(`Cannot train SegNeXt: backbone.${backbone.untrainable}`);
  return backbone.dropPaths.filter(({ rate }) => rate > 0).map(({ name }) => [`backbone.${name}`, [2, batch]]);
}

function dropoutFlags({ head }: SegNeXtConfig, [batch = 0]: readonly number[]): Entry[] {
  return head.dropoutRate > 0 ? [['decode_head.dropout', [1, batch, head.channels]]] : [];
}

function validateImage({ backbone: { inChannels } }: SegNeXtConfig, imageShape: readonly number[]): void {
  const [batch = 0, channels, height = 0, width = 0] = imageShape;
  if (imageShape.length !== 4 || channels !== inChannels || !(batch > 0 && height > 0 && width > 0)) {
    throw new UserError(
      `Cannot run SegNeXt: the image is [${imageShape.join(', ')}]; [batch, ${inChannels}, height, width] is wanted, none of them 0`,
    );
  }
}

/** [b·MD_S, rows, MD_R] of what is drawn for an image [b, c, h, w]. */
function basesShape({ head: { ham, hamChannels } }: SegNeXtConfig, imageShape: readonly number[]): readonly number[] {
  const [batch = 0, , height = 0, width = 0] = imageShape;
  // The head works at the size of the second stage.
  const positions = Math.ceil(height / 8) * Math.ceil(width / 8);
  return [batch * ham.splits, ham.spatial ? hamChannels / ham.splits : positions, ham.rank];
}
