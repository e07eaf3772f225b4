import type { Raster } from '../image/raster.js';
import { type Arguments, readArguments } from '../yml/arguments.js';
import type { Section } from '../yml/section.js';
import type { RandomSource } from './random-source.js';
import type { Sample } from './sample.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A step of augmentation. What the reference draws at random is an input, so that a golden can give it. */
export interface Transform<Draws = unknown> {
  /**
   * Draws for this sample. How much it takes from `random` depends on nothing but the arguments and the sample's size.
   */
  draw(sample: Sample, random: RandomSource): Draws;
  /** Leaves `sample` as it is. */
  apply(sample: Sample, draws: Draws): Sample;
  /**
   * The smallest size that `apply` can give an image of a size; absent: the same. A smaller image is never given a
   * larger one.
   */
  smallest?(size: Size): Size;
  /** What the label of an image of this size is padded with, or null; absent: labels are not padded. */
  labelPadding?(size: Size): number | null;
  /**
   * What `apply` makes of an image as it was decoded, laid out as models want it: [channels, h, w], without the steps
   * between.
   */
  toPlanes?(pixels: Raster<Uint8Array>): Float32Array<ArrayBuffer>;
}

/** A kind of transform, as a file of pipeline/transforms exports it. */
export interface TransformKind {
  /** PaddleSeg's name. */
  readonly type: string;
  /** Throws a UserError for an argument that it does not have, or a value that it cannot use. */
  build(section: Section): Transform;
}

/** A kind from the rules of its arguments and what makes a transform of them. */
export function defineTransform<Values extends object, Draws>(definition: {
  readonly type: string;
  readonly arguments: Arguments<Values>;
  create(values: Values, section: Section): Transform<Draws>;
}): TransformKind {
  const { type } = definition;
  return {
    type,
    build(section) {
      const values = readArguments(section, `the transform ${type}`, definition.arguments);
      return definition.create(values, section);
    },
  };
}

/** For transforms that draw nothing. */
export function drawNothing(): null {
  return null;
}
