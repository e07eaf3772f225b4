import type { ModelSection } from '../harness/contract/port.js';

/** How the reference evaluated what it released, in its README's order. */
export const publishedModes = ['ss', 'flip', 'ms+flip'] as const;
export type PublishedMode = (typeof publishedModes)[number];

/**
 * Weights that the reference's authors released, and what they say of them. A network's `released.ts` lists its own.
 */
export interface ReleasedModel {
  /** Short, for command lines: `segnext-t`. */
  readonly name: string;
  /** What a `model:` section must say to be of these weights: the type, and what tells sizes apart. */
  readonly model: ModelSection;
  /** The yml that trained it, in this package. */
  readonly config: string;
  /** Address of a .pdparams. */
  readonly weights: string;
  /** Address of the training's log. */
  readonly trainLog: string;
  /** What the figures were measured on, and how many images that has. */
  readonly dataSet: { readonly name: string; readonly images: number };
  /** mIoU in percent, two decimals as published. */
  readonly published: Readonly<Record<PublishedMode, number>>;
}
