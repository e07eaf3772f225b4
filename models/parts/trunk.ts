import type { Operators } from '../operators.js';
import type { Entry } from './state.js';

/** What VAN and MSCAN, which came of it, have in common: stages of blocks whose attention is a gate of convolutions. */
export interface Trunk {
  readonly inChannels: number;
  /** One entry per stage here, in depths and in mlpRatios. */
  readonly embedDims: readonly number[];
  readonly depths: readonly number[];
  readonly mlpRatios: readonly number[];
  readonly dropRate: number;
  readonly dropPathRate: number;
  /** Of the layer norm behind each stage. */
  readonly epsilon: number;
  /** What makes the map smaller before each stage. */
  readonly embed: EmbedLayer;
  /** `spatial_gating_unit`. */
  readonly gate: ChannelLayer;
  /** `dwconv` of the MLP. */
  readonly mix: ChannelLayer;
}

/** A layer that keeps the shape of a map. */
export interface ChannelLayer {
  forward<T>(ops: Operators<T>, x: T, name: string, channels: number): T;
  parameters(name: string, channels: number): Iterable<Entry>;
}

/** Shapes: [b, from, h, w] → [b, to, h', w'], a quarter of height and width before stage 0 and half before others. */
export interface EmbedLayer {
  forward<T>(ops: Operators<T>, x: T, name: string, stage: number): T;
  parameters(name: string, stage: number, from: number, to: number): Iterable<Entry>;
}
