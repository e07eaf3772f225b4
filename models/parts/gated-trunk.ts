import type { Operators } from '../../operators.js';
import { layerNorm } from '../../parts/layers.js';
import { block, hiddenChannels } from './block.js';
import type { MscanConfig } from './config.js';
import { overlapPatchEmbed, stem } from './patch-embed.js';

/**
 * The feature maps of all stages. Shapes: [b, c, h, w] → [b, embedDims[i], ⌈h/2ⁱ⁺²⌉, ⌈w/2ⁱ⁺²⌉] for stage i.
 * Source: `MSCAN.forward` in mscan.py. The reference's tokens stay feature maps here: every layer on them works per
 * position.
 */
export function mscan<T>(ops: Operators<T>, image: T, name: string, config: MscanConfig): T[] {
  const features: T[] = [];
  let x = image;
  for (let stage = 0; stage < config.embedDims.length; stage++) {
    const input = x;
    x = ops.scope(() => mscanStage(ops, input, name, stage, config));
    features.push(x);
  }
  // The probe of several tensors is the first; the head does not take it.
  features[0] = ops.probe(name, features[0]!);
  return features;
}

/** linspace(0, drop_path_rate, blocks) of the reference, over the blocks of all stages. */
export function dropPathRates({ depths, dropPathRate }: MscanConfig): readonly number[] {
  const blocks = depths.reduce((sum, depth) => sum + depth, 0);
  return Array.from({ length: blocks }, (_, at) =>
    at === 0 ? 0 : at === blocks - 1 ? dropPathRate : at * (dropPathRate / (blocks - 1)),
  );
}

function mscanStage<T>(ops: Operators<T>, input: T, name: string, stage: number, config: MscanConfig): T {
  const embed = stage === 0 ? stem : overlapPatchEmbed;
  const channels = config.embedDims[stage]!;
  const hidden = hiddenChannels(channels, config.mlpRatios[stage]!);
  const rates = dropPathRates(config);
  const first = config.depths.slice(0, stage).reduce((sum, depth) => sum + depth, 0);
  let x = embed(ops, input, `${name}.patch_embed${stage + 1}`);
  for (let index = 0; index < config.depths[stage]!; index++) {
    x = block(ops, x, `${name}.block${stage + 1}.${index}`, {
      channels,
      hidden,
      kernelSizes: config.attenKernelSizes,
      dropPathRate: rates[first + index]!,
    });
  }
  return layerNorm(ops, x, `${name}.norm${stage + 1}`);
}
