import { batchNorm, convolution, type Entry, weightAndBias } from '../../parts/state.js';
import { hiddenChannels } from './block.js';
import type { MscanConfig } from './config.js';

/** Its part of `state_dict()`: a layer's own parameters and buffers, then its sublayers'. */
export function* mscanParameters(name: string, config: MscanConfig): Generator<Entry> {
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
