/** Pixels in rows, the channels of a pixel beside each other, as OpenCV and Pillow keep them. */
export interface Raster<Data extends Pixels = Pixels> {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** [height, width, channels] */
  readonly data: Data;
}

export type Pixels = Float32Array | Uint8Array;

/** An image as transforms see it: RGB or one channel, 0 to 255 in float32 until it is normalised. */
export type FloatImage = Raster<Float32Array>;

/** An image as it was decoded, as transforms see it. */
export function toFloatImage({ data, ...sizes }: Raster<Uint8Array>): FloatImage {
  return { ...sizes, data: new Float32Array(data) };
}

/** A label map: one channel of class numbers. */
export type LabelMap = Raster<Uint8Array>;

/** Room for `count` pixels' values of the same kind. */
export function pixelsLike<Data extends Pixels>(data: Data, count: number): Data {
  return (data instanceof Float32Array ? new Float32Array(count) : new Uint8Array(count)) as Data;
}
