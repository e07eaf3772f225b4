import type { LightHamConfig } from '../parts/light-ham-head.js';
import { convolution, type Entry, weightAndBias } from '../parts/state.js';
import type { SegNeXtConfig } from './config.js';

/**
 * Names and shapes of `state_dict()` in the reference's order: a layer's own parameters and buffers, then its
 * sublayers'.
 */
export function segNeXtParameters(config: SegNeXtConfig): ReadonlyMap<string, readonly number[]> {
  return new Map([...config.backbone.parameters('backbone'), ...headParameters('decode_head', config)]);
}

function* headParameters(name: string, { backbone, head, numClasses }: SegNeXtConfig): Generator<Entry> {
  const { channels, hamChannels } = head;
  const joined = backbone.channels.slice(1).reduce((sum, width) => sum + width, 0);
  yield* convGroupNorm(`${name}.squeeze`, joined, hamChannels);
  yield* hamburgerParameters(`${name}.hamburger`, head);
  yield* convGroupNorm(`${name}.align`, hamChannels, channels);
  yield* convolution(`${name}.conv_seg`, [numClasses, channels, 1, 1]);
}

function* hamburgerParameters(name: string, { hamChannels, ham }: LightHamConfig): Generator<Entry> {
  yield* convolution(`${name}.ham_in`, [hamChannels, hamChannels, 1, 1]);
  // The reference registers the buffer on its first forward, so a state_dict() taken before that lacks it.
  if (ham.bases === 'kept') yield [`${name}.ham.bases`, [ham.splits, hamChannels / ham.splits, ham.rank]];
  yield* convGroupNorm(`${name}.ham_out`, hamChannels, hamChannels);
}

function* convGroupNorm(name: string, from: number, to: number): Generator<Entry> {
  yield [`${name}._conv.weight`, [to, from, 1, 1]];
  yield* weightAndBias(`${name}._group_norm`, to);
}
