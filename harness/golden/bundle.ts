import type { Float32NdArray, NdArray } from '../contract/nd-array.js';
import type { ModelSection } from '../contract/port.js';
import type { Precision } from '../contract/precision.js';

/** A golden bundle (CONTRACT, sections 1 and 4) as it stands in memory after `readBundle` has validated all of it. */
export interface Bundle {
  readonly format: BundleFormat;
  readonly id: string;
  readonly folder: string;
  readonly caseSha256: string;
  readonly phase: 'infer' | 'train';
  readonly model: ModelSection;
  /** Whose names and layouts the parameters have. */
  readonly reference: 'paddle' | 'torch' | 'onnx';
  /** state_dict() names and shapes, in order. */
  readonly parameters: ReadonlyMap<string, readonly number[]>;
  readonly weights: readonly WeightSource[];
  /** Infer phase: name → array. Format 1 has `image` alone, float32 [b, 3, h, w]. Empty for train. */
  readonly inputs: ReadonlyMap<string, NdArray>;
  /**
   * Names of the model's outputs, in order. Each is a probe, but for `logits` of a bundle that does not say its
   * outputs. Empty for train.
   */
  readonly outputs: readonly string[];
  readonly draws: ReadonlyMap<string, NdArray>;
  /** Infer phase, in the reference's order, at least one. Empty for train. */
  readonly probes: readonly GoldenProbe[];
  /** Train phase only. */
  readonly train: GoldenTraining | null;
  readonly madeBy: Readonly<Record<string, unknown>>;
  /** Whose noise it has in place of float32's: see `atPrecision`. */
  readonly precision?: Precision;
}

export type BundleFormat = 'golden-bundle/1' | 'golden-bundle/2';

/** Later sources override earlier ones. */
export type WeightSource =
  | {
      readonly kind: 'seeded';
      readonly seed: number;
      /** Of the parameters that are seeded (uniform/2); absent: uniform/1. */
      readonly ranges?: ReadonlyMap<string, readonly [low: number, high: number]>;
    }
  | { readonly kind: 'arrays'; readonly arrays: ReadonlyMap<string, NdArray> };

export interface GoldenProbe {
  readonly name: string;
  /** Of the whole tensor: NCHW, or of any rank and layout where it is `raw`. */
  readonly shape: readonly number[];
  /** Given and returned in exactly `shape` (CONTRACT, section 4). */
  readonly raw: boolean;
  /** All elements in C order, or the sampled ones. */
  readonly value: Float32NdArray['data'];
  readonly sample: Sample | null;
  /** Which elements count; null: all. */
  readonly valid: ValidMask | null;
  /** rms of the whole tensor, of what counts. */
  readonly rms: number;
  readonly noise: Noise;
  readonly ownNoise: Noise | null;
  /** The same figures of runs in other precisions: see `atPrecision`. */
  readonly noiseAt: ReadonlyMap<Precision, { readonly noise: Noise; readonly ownNoise: Noise | null }>;
  readonly informative: boolean;
}

export interface ValidMask {
  /** 1 for an element of `value` that counts, else 0. */
  readonly kept: Uint8Array;
  /** The same of the whole tensor, to whose shape it broadcasts. */
  readonly mask: NdArray;
}

/** `drawnFor`: the probe whose name the positions are drawn with, where it is another. */
export interface Sample {
  readonly seed: number;
  readonly count: number;
  readonly drawnFor?: string;
}

export type { Precision };

export interface Noise {
  readonly relRms: number;
  readonly maxOverRms: number;
}

/** Training steps and what they lead to (CONTRACT, section 1, phase "train"). */
export interface GoldenTraining {
  /** Sections of a PaddleSeg yml, as they stand there. */
  readonly optimizer: Readonly<Record<string, unknown>>;
  readonly lrScheduler: Readonly<Record<string, unknown>>;
  readonly loss: Readonly<Record<string, unknown>>;
  /** The iterations that the schedule is made for. */
  readonly iters: number;
  readonly steps: readonly TrainingStep[];
  /**
   * What a loss is judged by: the largest noise of all steps (CONTRACT, section 3), or, in a loss curve, that of its
   * step.
   */
  readonly lossNoise: 'largest' | 'of each step';
  readonly expect: TrainingExpectation;
}

export interface TrainingStep {
  /** [b, 3, h, w] */
  readonly image: Float32NdArray;
  /** [b, h, w] */
  readonly label: NdArray<'i8'>;
  readonly draws: ReadonlyMap<string, NdArray>;
}

/**
 * `lr` and `loss` have an entry a step; `grads` are those of the first step, `params` and `buffers` follow the last.
 */
export interface TrainingExpectation {
  readonly lr: readonly number[];
  readonly loss: readonly GoldenLoss[];
  readonly grads: readonly GoldenProbe[];
  readonly params: readonly GoldenProbe[];
  readonly buffers: readonly GoldenProbe[];
}

export interface GoldenLoss {
  readonly value: number;
  /** Absolute. */
  readonly noise: number;
  /** The same of runs in other precisions. */
  readonly noiseAt: ReadonlyMap<Precision, number>;
}
