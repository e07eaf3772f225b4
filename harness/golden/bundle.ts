import type { ModelSection } from '../hosts/port-contract.js';
import type { Float32NdArray, NdArray } from '../support/nd-array.js';

/** A golden bundle (CONTRACT, section 1) as it stands in memory after `readBundle` has validated all of it. */
export interface Bundle {
  readonly id: string;
  readonly folder: string;
  readonly caseSha256: string;
  readonly phase: 'infer' | 'train';
  readonly model: ModelSection;
  /** state_dict() names and shapes, in order. */
  readonly parameters: ReadonlyMap<string, readonly number[]>;
  readonly weights: readonly WeightSource[];
  /** Infer phase: name → array (`image` float32 [b, 3, h, w]). Empty for train. */
  readonly inputs: ReadonlyMap<string, NdArray>;
  readonly draws: ReadonlyMap<string, NdArray>;
  readonly probes: readonly GoldenProbe[];
  readonly madeBy: Readonly<Record<string, unknown>>;
}

/** Later sources override earlier ones. */
export type WeightSource =
  | { readonly kind: 'seeded'; readonly seed: number }
  | { readonly kind: 'arrays'; readonly arrays: ReadonlyMap<string, NdArray> };

export interface GoldenProbe {
  readonly name: string;
  /** Of the whole tensor, NCHW. */
  readonly shape: readonly number[];
  /** All elements in C order, or the sampled ones. */
  readonly value: Float32NdArray['data'];
  readonly sample: { readonly seed: number; readonly count: number } | null;
  /** rms of the whole tensor. */
  readonly rms: number;
  readonly noise: Noise;
  readonly ownNoise: Noise | null;
  readonly informative: boolean;
}

export interface Noise {
  readonly relRms: number;
  readonly maxOverRms: number;
}
