import type { NdArray } from './nd-array.js';

/** Of a file that declares free sizes: to run it at others than the bundle's. */
export interface SizesRequest {
  /** As in `InferRequest`. */
  readonly inputs: ReadonlyMap<string, NdArray>;
  readonly draws: ReadonlyMap<string, NdArray>;
  /** Of the bundle's, those that tell a wrong port from a right one. */
  readonly outputs: readonly LimitedOutput[];
}

export interface LimitedOutput {
  readonly name: string;
  /** How far a batch may be from single runs; beyond it the node is looked for. */
  readonly limits: { readonly relRms: number; readonly maxOverRms: number };
}

/** What a file gave at another size. */
export interface SizeTrial {
  /** `batch`: the image and another in one run. `size`: a larger image. */
  readonly what: 'batch' | 'size';
  /** The image's sizes. */
  readonly image: readonly number[];
  /** Why it was not tried; null: it was. */
  readonly untried: string | null;
  /** What is wrong, whatever the figures; null: nothing. */
  readonly fault: string | null;
  /** Of a batch: how far its outputs are from those of single runs. Not finite where an element is not. */
  readonly outputs: readonly ApartOutput[];
  /** The node with which what is wrong begins, in words; null: not known, or nothing is wrong. */
  readonly node: string | null;
}

export interface ApartOutput {
  readonly name: string;
  readonly relRms: number;
  readonly maxOverRms: number;
}
