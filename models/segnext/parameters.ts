import type { LightHamConfig } from '../parts/light-ham-head.js';
import { batchNorm, convolution, type Entry, weightAndBias } from '../parts/state.js';
import { hiddenChannels } from './block.js';
import type { MscanConfig, SegNeXtConfig } from './config.js';

/**
 * Names and shapes of `state_dict()` in the reference's order: a layer's own parameters and buffers, then its
 * sublayers'.
 */
export function segNeXtParameters(config: SegNeXtConfig): ReadonlyMap<string, readonly number[]> {
  return new Map([...backboneParameters('backbone', config.backbone), ...headParameters('decode_head', config)]);
}

function* backboneParameters(name: string, config: MscanConfig): Generator<Entry> {
  const { embedDims, depths, mlpRatios, attenKernelSizes } = config;
  for (const [stage, channels] of embedDims.entries()) {
    const embed = `${name}.patch_embed${stage + 1}`;
    if (stage === 0) yield* stemParameters(embed, config.inChannels, channels);
    else yield* patchEmbedParameters(embed, embedDims[stage - 1]!, channels);
    for (let index = 0; index < depths[stage]!; index++) {
      const hidden = hiddenChannels(channels, mlpRatios[stage]!);
      yield* blockParameters(`${name}.block${stage + 1}.${index}`, channels, hidden, attenKernelSizes);
    }
    yield* weightAndBias(`${name}.norm${stage + 1}`, channels);
  }
}

function* stemParameters(name: string, from: number, to: number): Generator<Entry> {
  const half = Math.floor(to / 2);
  yield* convolution(`${name}.proj.0`, [half, from, 3, 3]);
  yield* batchNorm(`${name}.proj.1`, half);
  yield* convolution(`${name}.proj.3`, [to, half, 3, 3]);
  yield* batchNorm(`${name}.proj.4`, to);
}

function* patchEmbedParameters(name: string, from: number, to: number): Generator<Entry> {
  yield* convolution(`${name}.proj`, [to, from, 3, 3]);
  yield* batchNorm(`${name}.norm`, to);
}

function* blockParameters(
  name: string,
  channels: number,
  hidden: number,
  kernelSizes: readonly number[],
): Generator<Entry> {
  yield [`${name}.layer_scale_1`, [channels, 1, 1]];
  yield [`${name}.layer_scale_2`, [channels, 1, 1]];
  yield* batchNorm(`${name}.norm1`, channels);
  yield* convolution(`${name}.attn.proj_1`, [channels, channels, 1, 1]);
  yield* gateParameters(`${name}.attn.spatial_gating_unit`, channels, kernelSizes);
  yield* convolution(`${name}.attn.proj_2`, [channels, channels, 1, 1]);
  yield* batchNorm(`${name}.norm2`, channels);
  yield* convolution(`${name}.mlp.fc1`, [hidden, channels, 1, 1]);
  yield* convolution(`${name}.mlp.dwconv`, [hidden, 1, 3, 3]);
  yield* convolution(`${name}.mlp.fc2`, [channels, hidden, 1, 1]);
}

function* gateParameters(name: string, channels: number, kernelSizes: readonly number[]): Generator<Entry> {
  yield* convolution(`${name}.conv0`, [channels, 1, 5, 5]);
  for (const [index, size] of kernelSizes.entries()) {
    yield* convolution(`${name}.dwconvs.${index}.conv${index + 1}_1`, [channels, 1, 1, size]);
    yield* convolution(`${name}.dwconvs.${index}.conv${index + 1}_2`, [channels, 1, size, 1]);
  }
  yield* convolution(`${name}.conv_out`, [channels, channels, 1, 1]);
}

function* headParameters(name: string, { backbone, head, numClasses }: SegNeXtConfig): Generator<Entry> {
  const { channels, hamChannels } = head;
  const joined = backbone.embedDims.slice(1).reduce((sum, width) => sum + width, 0);
  yield* convGroupNorm(`${name}.squeeze`, joined, hamChannels);
  yield* hamburgerParameters(`${name}.hamburger`, head);
  yield* convGroupNorm(`${name}.align`, hamChannels, channels);
  yield* convolution(`${name}.conv_seg`, [numClasses, channels, 1, 1]);
}

function* hamburgerParameters(name: string, { hamChannels, nmf }: LightHamConfig): Generator<Entry> {
  yield* convolution(`${name}.ham_in`, [hamChannels, hamChannels, 1, 1]);
  // The reference registers the buffer on its first forward, so a state_dict() taken before that lacks it.
  if (!nmf.randomBases) yield [`${name}.ham.bases`, [nmf.splits, hamChannels / nmf.splits, nmf.rank]];
  yield* convGroupNorm(`${name}.ham_out`, hamChannels, hamChannels);
}

function* convGroupNorm(name: string, from: number, to: number): Generator<Entry> {
  yield [`${name}._conv.weight`, [to, from, 1, 1]];
  yield* weightAndBias(`${name}._group_norm`, to);
}
