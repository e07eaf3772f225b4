import type { FloatImage } from './raster.js';

/**
 * Resizes linearly: half-pixel centres, clamped at the edges, no antialiasing.
 *
 * Shapes: [h, w, c] → [height, width, c]. Range: that of the input; nothing is rounded to 8 bits. Source:
 * functional.resize of PaddleSeg 2.8.0, which is cv2.resize(float32, INTER_LINEAR) of OpenCV 4.12. Differs: OpenCV has
 * two implementations. On x86 its wheels run Intel's IPP, whose positions are exact to float32 noise; its own rounds
 * positions to float32, and so strays from IPP by 255 half-ulps of a position (3e-4 at 50 pixels). Here positions and
 * weights are float64: within 2 ulp of IPP in every golden.
 */
export function resizeLinear(image: FloatImage, height: number, width: number): FloatImage {
  if (height === image.height && width === image.width) return image;
  const columns = axisWeights(image.width, width);
  const rows = axisWeights(image.height, height);
  const stride = width * image.channels;
  const data = new Float32Array(height * stride);
  const kept = [
    { row: -1, values: new Float32Array(stride) },
    { row: -1, values: new Float32Array(stride) },
  ];
  for (let y = 0; y < height; y++) {
    const [above, below] = keepRows(kept, image, columns, rows.low[y]!, rows.high[y]!);
    const share = rows.share[y]!;
    const rest = 1 - share;
    for (let i = 0, at = y * stride; i < stride; i++, at++) data[at] = above[i]! * rest + below[i]! * share;
  }
  return { height, width, channels: image.channels, data };
}

interface AxisWeights {
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** The share of `high`. */
  readonly share: Float64Array;
}

/** Where each target position takes its two values. */
function axisWeights(source: number, target: number): AxisWeights {
  const scale = source / target;
  const low = new Int32Array(target);
  const high = new Int32Array(target);
  const share = new Float64Array(target);
  for (let i = 0; i < target; i++) {
    const position = (i + 0.5) * scale - 0.5;
    const floor = Math.floor(position);
    low[i] = Math.min(Math.max(floor, 0), source - 1);
    high[i] = Math.min(low[i]! + 1, source - 1);
    share[i] = floor < 0 || floor >= source - 1 ? 0 : position - floor;
  }
  return { low, high, share };
}

interface KeptRow {
  row: number;
  readonly values: Float32Array;
}

/** The two source rows, resized along their length; the two of the last call are kept, as the next often needs them. */
function keepRows(
  kept: KeptRow[],
  image: FloatImage,
  columns: AxisWeights,
  low: number,
  high: number,
): [Float32Array, Float32Array] {
  if (kept[1]!.row === low) kept.reverse();
  if (kept[0]!.row !== low) resizeRow(kept[0]!, image, columns, low);
  if (kept[1]!.row !== high) resizeRow(kept[1]!, image, columns, high);
  return [kept[0]!.values, kept[1]!.values];
}

function resizeRow(into: KeptRow, image: FloatImage, { low, high, share }: AxisWeights, row: number): void {
  const { channels, data } = image;
  const start = row * image.width * channels;
  const { values } = into;
  for (let x = 0, at = 0; x < low.length; x++) {
    const left = start + low[x]! * channels;
    const right = start + high[x]! * channels;
    const weight = share[x]!;
    const rest = 1 - weight;
    for (let c = 0; c < channels; c++, at++) values[at] = data[left + c]! * rest + data[right + c]! * weight;
  }
  into.row = row;
}
