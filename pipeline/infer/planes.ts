/** An image or logits, [channels, height, width]. */
export interface Planes<Data extends Float32Array | Float64Array = Float32Array | Float64Array> {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Data;
}

/** Mirrored at its vertical axis, its horizontal one, or both. A copy, unless nothing is asked for. */
export function flipPlanes<Data extends Float32Array | Float64Array>(
  planes: Planes<Data>,
  { horizontal, vertical }: Flip,
): Planes<Data> {
  if (!horizontal && !vertical) return planes;
  const { channels, height, width, data } = planes;
  const flipped = data.slice() as Data;
  if (vertical)
    for (let row = 0; row < channels * height; row++) {
      const from = Math.floor(row / height) * height + (height - 1 - (row % height));
      flipped.set(data.subarray(from * width, (from + 1) * width), row * width);
    }
  if (horizontal) for (let at = 0; at < data.length; at += width) flipped.subarray(at, at + width).reverse();
  return { ...planes, data: flipped };
}

/** Adds planes of the same size, flipped, to `sum` in place. */
export function addPlanes(
  sum: Planes,
  { channels, height, width, data }: Planes,
  { horizontal, vertical }: Flip,
): void {
  const total = sum.data;
  for (let row = 0; row < channels * height; row++) {
    const plane = Math.floor(row / height);
    const from = (vertical ? plane * height + (height - 1 - (row % height)) : row) * width;
    const to = row * width;
    if (horizontal) for (let x = 0; x < width; x++) total[to + x]! += data[from + width - 1 - x]!;
    else for (let x = 0; x < width; x++) total[to + x]! += data[from + x]!;
  }
}

export interface Flip {
  readonly horizontal: boolean;
  readonly vertical: boolean;
}

/** A part; `data` is copied. */
export function cropPlanes<Data extends Float32Array | Float64Array>(
  planes: Planes<Data>,
  top: number,
  left: number,
  height: number,
  width: number,
): Planes<Data> {
  const { channels, data } = planes;
  const cropped = data.slice(0, channels * height * width) as Data;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const from = (c * planes.height + top + y) * planes.width + left;
      cropped.set(data.subarray(from, from + width), (c * height + y) * width);
    }
  }
  return { channels, height, width, data: cropped };
}
