import type { FloatImage, LabelMap } from '../image/raster.js';

/** What transforms turn: an image, and the label that turns with it. */
export interface Sample {
  readonly image: FloatImage;
  /** Null where no label turns with the image: in mode `val` PaddleSeg maps the prediction back instead. */
  readonly label: LabelMap | null;
  /**
   * The sizes before resizes and paddings, in their order: an inference walks them backwards (`trans_info` of
   * PaddleSeg).
   */
  readonly sizes: readonly SizeBefore[];
}

export interface SizeBefore {
  readonly kind: 'resize' | 'padding';
  readonly height: number;
  readonly width: number;
}

/** The sample with the size that its image has now remembered. */
export function rememberSize(sample: Sample, kind: SizeBefore['kind']): Sample {
  const { height, width } = sample.image;
  return { ...sample, sizes: [...sample.sizes, { kind, height, width }] };
}
