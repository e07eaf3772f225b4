import { UserError } from '../../harness/support/errors.js';
import type { ModelDefinition } from '../model-definition.js';
import { lightHamHead } from '../parts/light-ham-head.js';
import { dropPathRates, mscan } from './backbone.js';
import { parseSegNeXt, type SegNeXtConfig } from './config.js';
import { initialSegNeXt } from './initial.js';
import { segNeXtParameters } from './parameters.js';

/** SegNeXt (Guo et al. 2022) as PaddleSeg 2.8.0 has it. Source: models/segnext.py, models/backbones/mscan.py. */
export const definition: ModelDefinition<SegNeXtConfig> = {
  type: 'SegNeXt',
  parse: parseSegNeXt,
  parameters: segNeXtParameters,
  exampleImage: ({ backbone }) => [1, backbone.inChannels, 32, 32],
  draws(config, imageShape, phase = 'infer') {
    validateImage(config, imageShape);
    const bases: Entry[] = config.head.nmf.randomBases
      ? [['decode_head.hamburger.ham.bases', basesShape(config, imageShape)]]
      : [];
    return new Map(
      phase === 'infer' ? bases : [...dropPathFlags(config, imageShape), ...bases, ...dropoutFlags(config, imageShape)],
    );
  },
  initial: initialSegNeXt,
  keepShare({ backbone, head }, name) {
    if (name === 'decode_head.dropout') return 1 - head.dropoutRate;
    const at = blockNames(backbone).indexOf(name);
    return at < 0 ? null : 1 - dropPathRates(backbone)[at]!;
  },
  scores: ({ head }) => (head.alignCorners ? null : 'decode_head'),
  forward(ops, config, image) {
    const features = mscan(ops, image, 'backbone', config.backbone);
    const scores = lightHamHead(ops, features, 'decode_head', config.head);
    const logits = ops.resizeBilinear(scores, image, { alignCorners: config.head.alignCorners });
    return ops.probe('logits', logits);
  },
};

type Entry = readonly [name: string, shape: readonly number[]];

/** A block calls its one DropPath twice: [2, b]. A rate of 0 draws nothing. */
function dropPathFlags({ backbone }: SegNeXtConfig, [batch = 0]: readonly number[]): Entry[] {
  if (backbone.dropRate > 0) {
    throw new UserError(
      `Cannot train SegNeXt: backbone.drop_rate is ${backbone.dropRate}; 0 is wanted, since what the MLP's Dropout keeps has no name in a bundle`,
    );
  }
  const rates = dropPathRates(backbone);
  return blockNames(backbone)
    .filter((_, at) => rates[at]! > 0)
    .map((name) => [name, [2, batch]]);
}

/** The DropPath of every block, in the order of their rates. */
function blockNames({ depths }: SegNeXtConfig['backbone']): string[] {
  return depths.flatMap((depth, stage) =>
    Array.from({ length: depth }, (_, index) => `backbone.block${stage + 1}.${index}.drop_path`),
  );
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
function basesShape({ head: { nmf, hamChannels } }: SegNeXtConfig, imageShape: readonly number[]): readonly number[] {
  const [batch = 0, , height = 0, width = 0] = imageShape;
  // The head works at the size of the second stage.
  const positions = Math.ceil(height / 8) * Math.ceil(width / 8);
  return [batch * nmf.splits, nmf.spatial ? hamChannels / nmf.splits : positions, nmf.rank];
}
