import { hiddenChannels } from './gated-block.js';
import { batchNorm, convolution, type Entry, weightAndBias } from './state.js';
import type { Trunk } from './trunk.js';

/** Its part of `state_dict()`: a layer's own parameters and buffers, then its sublayers'. @param prefix of the names */
export function* trunkParameters(prefix: string, trunk: Trunk): Generator<Entry> {
  const { embedDims, depths, mlpRatios } = trunk;
  for (const [stage, channels] of embedDims.entries()) {
    const from = stage === 0 ? trunk.inChannels : embedDims[stage - 1]!;
    yield* trunk.embed.parameters(`${prefix}patch_embed${stage + 1}`, stage, from, channels);
    for (let index = 0; index < depths[stage]!; index++) {
      const hidden = hiddenChannels(channels, mlpRatios[stage]!);
      yield* blockParameters(`${prefix}block${stage + 1}.${index}`, channels, hidden, trunk);
    }
    yield* weightAndBias(`${prefix}norm${stage + 1}`, channels);
  }
}

function* blockParameters(name: string, channels: number, hidden: number, { gate, mix }: Trunk): Generator<Entry> {
  yield [`${name}.layer_scale_1`, [channels, 1, 1]];
  yield [`${name}.layer_scale_2`, [channels, 1, 1]];
  yield* batchNorm(`${name}.norm1`, channels);
  yield* convolution(`${name}.attn.proj_1`, [channels, channels, 1, 1]);
  yield* gate.parameters(`${name}.attn.spatial_gating_unit`, channels);
  yield* convolution(`${name}.attn.proj_2`, [channels, channels, 1, 1]);
  yield* batchNorm(`${name}.norm2`, channels);
  yield* convolution(`${name}.mlp.fc1`, [hidden, channels, 1, 1]);
  yield* mix.parameters(`${name}.mlp.dwconv`, hidden);
  yield* convolution(`${name}.mlp.fc2`, [channels, hidden, 1, 1]);
}
