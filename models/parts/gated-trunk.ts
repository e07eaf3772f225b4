import type { BackboneNetwork } from '../backbone.js';
import type { Initial } from '../model-definition.js';
import type { Operators } from '../operators.js';
import { block, hiddenChannels } from './gated-block.js';
import { trunkParameters } from './gated-trunk-state.js';
import { layerNorm } from './layers.js';
import type { Trunk } from './trunk.js';

export function trunkNetwork(trunk: Trunk): BackboneNetwork {
  const { dropRate } = trunk;
  return {
    inChannels: trunk.inChannels,
    channels: trunk.embedDims,
    dropPaths: listDropPaths(trunk),
    untrainable:
      dropRate > 0
        ? `drop_rate is ${dropRate}; 0 is wanted, since what the MLP's Dropout keeps has no name in a bundle`
        : null,
    parameters: (name) => trunkParameters(`${name}.`, trunk),
    initial: initialOf,
    forward(ops, image, name) {
      const [first, ...rest] = stageMaps(ops, image, `${name}.`, trunk);
      // The probe of several tensors is the first; the head does not take it.
      return [ops.probe(name, first!), ...rest];
    },
  };
}

/**
 * The feature maps of all stages. Shapes: [b, c, h, w] → [b, embedDims[i], ⌈h/2ⁱ⁺²⌉, ⌈w/2ⁱ⁺²⌉] for stage i.
 * Source: `MSCAN.forward` in mscan.py, `VAN.forward_features` in van.py. The reference's tokens stay feature maps here:
 * every layer on them works per position.
 * @param prefix of the names: `backbone.`, or nothing where the network is the trunk itself
 */
export function stageMaps<T>(ops: Operators<T>, image: T, prefix: string, trunk: Trunk): T[] {
  const features: T[] = [];
  let x = image;
  for (let stage = 0; stage < trunk.embedDims.length; stage++) {
    const input = x;
    x = ops.scope(() => forwardStage(ops, input, prefix, stage, trunk));
    features.push(x);
  }
  return features;
}

function forwardStage<T>(ops: Operators<T>, input: T, prefix: string, stage: number, trunk: Trunk): T {
  const channels = trunk.embedDims[stage]!;
  const hidden = hiddenChannels(channels, trunk.mlpRatios[stage]!);
  const rates = dropPathRates(trunk);
  const first = trunk.depths.slice(0, stage).reduce((sum, depth) => sum + depth, 0);
  let x = trunk.embed.forward(ops, input, `${prefix}patch_embed${stage + 1}`, stage);
  for (let index = 0; index < trunk.depths[stage]!; index++) {
    x = block(ops, x, `${prefix}block${stage + 1}.${index}`, {
      channels,
      hidden,
      gate: trunk.gate,
      mix: trunk.mix,
      dropPathRate: rates[first + index]!,
    });
  }
  return layerNorm(ops, x, `${prefix}norm${stage + 1}`, trunk.epsilon);
}

function listDropPaths(trunk: Trunk): { name: string; rate: number }[] {
  const rates = dropPathRates(trunk);
  const blocks = trunk.depths.flatMap((depth, stage) =>
    Array.from({ length: depth }, (_, index) => `block${stage + 1}.${index}`),
  );
  return blocks.map((block, at) => ({ name: `${block}.drop_path`, rate: rates[at]! }));
}

/** linspace(0, drop_path_rate, blocks) of the reference, over the blocks of all stages. */
function dropPathRates({ depths, dropPathRate }: Trunk): readonly number[] {
  const blocks = depths.reduce((sum, depth) => sum + depth, 0);
  return Array.from({ length: blocks }, (_, at) =>
    at === 0 ? 0 : at === blocks - 1 ? dropPathRate : at * (dropPathRate / (blocks - 1)),
  );
}

/**
 * Source: `init_weights` in mscan.py, `_init_weights` in van.py: normal, by what a convolution gives out. Layer scales
 * are 0.01, norms 1 and 0, biases 0.
 */
function initialOf(name: string, shape: readonly number[]): Initial {
  if (/(^|\.)layer_scale_/.test(name)) return { kind: 'constant', value: 0.01 };
  if (shape.length !== 4)
    return { kind: 'constant', value: name.endsWith('.weight') || name.endsWith('._variance') ? 1 : 0 };
  const [out = 0, perGroup = 0, kh = 0, kw = 0] = shape;
  // An embedding of one channel is not depthwise.
  const depthwise = perGroup === 1 && !name.startsWith('patch_embed');
  return { kind: 'normal', std: Math.sqrt(2 / (kh * kw * (depthwise ? 1 : out))) };
}
