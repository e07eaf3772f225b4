import type { Planes } from './planes.js';

/**
 * Bilinear, half-pixel centres, edges repeated, in the type of the data.
 * Source: paddle.nn.functional.interpolate(mode='bilinear') of paddlepaddle 3.3.1: ratio and coordinates are float32 there for
 * data of either type, and so they are here.
 */
export function resizePlanes<Data extends Float32Array | Float64Array>(
  planes: Planes<Data>,
  height: number,
  width: number,
): Planes<Data> {
  if (height === planes.height && width === planes.width) return planes;
  const { channels, data } = planes;
  const rows = sources(planes.height, height);
  const columns = sources(planes.width, width);
  const resized = newLike(data, channels * height * width);
  const inPlane = planes.height * planes.width;
  for (let c = 0, at = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const upper = c * inPlane + rows.first[y]! * planes.width;
      const lower = c * inPlane + rows.second[y]! * planes.width;
      const down = rows.share[y]!;
      const up = 1 - down;
      for (let x = 0; x < width; x++, at++) {
        const first = columns.first[x]!;
        const second = columns.second[x]!;
        const right = columns.share[x]!;
        const left = 1 - right;
        resized[at] =
          data[upper + first]! * up * left +
          data[lower + first]! * down * left +
          data[upper + second]! * up * right +
          data[lower + second]! * down * right;
      }
    }
  }
  return { channels, height, width, data: resized };
}

/** For each place of the output, the two places of the input and the share of the second. */
function sources(from: number, to: number) {
  const ratio = Math.fround(from / to);
  const first = new Int32Array(to);
  const second = new Int32Array(to);
  const share = new Float32Array(to);
  for (let at = 0; at < to; at++) {
    const source = Math.max(0, Math.fround(ratio * (at + 0.5) - 0.5));
    first[at] = Math.floor(source);
    second[at] = Math.min(first[at]! + 1, from - 1);
    share[at] = source - first[at]!;
  }
  return { first, second, share };
}

function newLike<Data extends Float32Array | Float64Array>(data: Data, length: number): Data {
  return (data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)) as Data;
}
