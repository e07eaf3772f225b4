import type { GivenResult } from '../../harness/contract/port.js';
import type { Planes } from './planes.js';

/** The network: an image to logits. Their array may be used again by the next call. */
export type Network = (image: Planes<Float32Array>) => Promise<Scores>;

/**
 * Logits of an image's size; or smaller ones, which resized to that size (bilinear, half-pixel centres) are the logits.
 */
export type Scores = Planes<Float32Array> & {
  /** Set where they are not logits; of labels, the one channel holds class numbers. */
  readonly result?: GivenResult;
};
