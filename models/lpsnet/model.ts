import { UserError } from '../../harness/support/errors.js';
import type { Initial, ModelDefinition } from '../model-definition.js';
import type { Operators } from '../operators.js';
import { batchNorm, conv } from '../parts/layers.js';
import { batchNorm as batchNormState, convolution, type Entry } from '../parts/state.js';
import { type LpsNetConfig, parseLpsNet } from './config.js';

/** LPSNet (Zhang et al. 2022) as PaddleSeg 2.8.0 has it. Source: models/lpsnet.py. */
export const definition: ModelDefinition<LpsNetConfig> = {
  types: ['LPSNet'],
  parse: parseLpsNet,
  parameters: (config) => new Map(listState(config)),
  exampleImage: ({ inChannels }) => [1, inChannels, ...smallest],
  draws(config, imageShape) {
    validateImage(config, imageShape);
    return new Map();
  },
  initial: (config) => new Map([...listState(config)].map(([name, shape]) => [name, initialOf(name, shape)])),
  classesPart: 'head.',
  scores: () => null, // corners are aligned
  forward(ops, config, image) {
    const branches = config.ratios.map((ratio, branch) => firstBlocks(ops, config, image, { ratio, branch }));
    const features = meetBeforeEachBlock(ops, config, branches);
    const [first] = features as [(typeof features)[number]];
    const joined = ops.concatChannels(features.map((x) => ops.resizeBilinear(x, first, aligned)));
    return ops.probe('logits', ops.resizeBilinear(conv(ops, joined, 'head'), image, aligned));
  },
};

const aligned = { alignCorners: true };

/** Branches run alone through three blocks. Source: `interact_begin_idx` of `LPSNet.forward`. */
const blocksAlone = 3;

function firstBlocks<T>(
  ops: Operators<T>,
  config: LpsNetConfig,
  image: T,
  { ratio, branch }: { ratio: number; branch: number },
): T {
  return ops.scope(() => {
    let x = ops.resizeByRatio(image, ratio, aligned);
    for (let index = 0; index < blocksAlone; index++) x = block(ops, config, x, { branch, index });
    return x;
  });
}

/** Before each further block, every branch takes up all others, resized to its size, in their order. */
function meetBeforeEachBlock<T>(ops: Operators<T>, config: LpsNetConfig, branches: readonly T[]): readonly T[] {
  let features = branches;
  for (let index = blocksAlone; index < config.depths.length; index++) {
    const before = features;
    features = before.map((own, branch) =>
      ops.scope(() => {
        const others = before.filter((_, other) => other !== branch);
        const met = others.reduce((sum, other) => ops.add(sum, ops.resizeBilinear(other, own, aligned)), own);
        return block(ops, config, met, { branch, index });
      }),
    );
  }
  return features;
}

/** Convolutions with batch norm and ReLU, the first at stride 2 but in the last block. */
function block<T>(
  ops: Operators<T>,
  { depths }: LpsNetConfig,
  image: T,
  { branch, index }: { branch: number; index: number },
): T {
  const name = `nets.${branch}.${index}`;
  let x = image;
  for (let layer = 0; layer < depths[index]!; layer++) {
    const step = layer === 0 && index !== depths.length - 1 ? 2 : 1;
    x = convBnRelu(ops, x, `${name}.${layer}`, step);
  }
  return ops.probe(name, x);
}

/** Source: `ConvBNReLU` in models/layers/layer_libs.py. */
function convBnRelu<T>(ops: Operators<T>, image: T, name: string, step: number): T {
  return ops.scope(() => {
    let x = conv(ops, image, `${name}._conv`, { stride: [step, step], padding: [1, 1], bias: false });
    x = ops.relu(batchNorm(ops, x, `${name}._batch_norm`));
    x = ops.probe(`${name}._relu`, ops.probe(`${name}._relu.act_func`, x));
    return ops.probe(name, x);
  });
}

function* listState({ depths, channels, ratios, inChannels, numClasses }: LpsNetConfig): Generator<Entry> {
  for (const branch of ratios.keys()) {
    let from = inChannels;
    for (const [index, to] of channels.entries()) {
      for (let layer = 0; layer < depths[index]!; layer++) {
        const name = `nets.${branch}.${index}.${layer}`;
        yield [`${name}._conv.weight`, [to, from, 3, 3]];
        yield* batchNormState(`${name}._batch_norm`, to);
        from = to;
      }
    }
  }
  yield* convolution('head', [numClasses, channels.at(-1)! * ratios.length, 1, 1]);
}

/** Paddle's defaults: of Conv2D, normal numbers by what it takes in. */
function initialOf(name: string, [, from = 0, kh = 0, kw = 0]: readonly number[]): Initial {
  if (name.endsWith('_conv.weight') || name === 'head.weight') {
    return { kind: 'normal', std: Math.sqrt(2 / (from * kh * kw)) };
  }
  return { kind: 'constant', value: name.endsWith('.weight') || name.endsWith('._variance') ? 1 : 0 };
}

/** A branch at a quarter ends at 1/64 of the image. Fewer than 3 × 4 pixels there do not show how corners align. */
const smallest = [192, 256] as const;

function validateImage({ inChannels }: LpsNetConfig, imageShape: readonly number[]): void {
  const [batch = 0, channels, height = 0, width = 0] = imageShape;
  const [shorter, longer] = [Math.min(height, width), Math.max(height, width)];
  if (
    imageShape.length === 4 &&
    channels === inChannels &&
    batch > 0 &&
    shorter >= smallest[0] &&
    longer >= smallest[1]
  )
    return;
  throw new UserError(
    `Cannot run LPSNet: the image is [${imageShape.join(', ')}]; [batch, ${inChannels}, height, width] of at least ${smallest.join(' × ')} pixels is wanted`,
  );
}
