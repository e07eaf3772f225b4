import { elementCount, type Float32NdArray, float32NdArray, sameShape } from '../harness/contract/nd-array.js';

/** How the elements of a golden, a map [b, c, h, w] or what is raw, stand in a tensor: as there, or channels last. */
export type ProbeOrder = 'first' | 'last';

/**
 * The orders that the tensor's shape allows, sizes of 1 left out: [b, c, h, w] and [b, c, h · w]; of maps also
 * [b, h, w, c] and tokens [b, h · w, c]. Both where h · w is c: then values must tell. None: it is another tensor.
 */
export function listOrders(tensor: readonly number[], golden: readonly number[], raw: boolean): ProbeOrder[] {
  if (elementCount(tensor) !== elementCount(golden)) return [];
  if (raw || golden.length !== 4) return isLike(tensor, golden) ? ['first'] : [];
  const [b = 0, c = 0, h = 0, w = 0] = golden;
  const first = isLike(tensor, golden) || isLike(tensor, [b, c, h * w]);
  const last = isLike(tensor, [b, h, w, c]) || isLike(tensor, [b, h * w, c]);
  return [...(first ? (['first'] as const) : []), ...(last ? (['last'] as const) : [])];
}

function isLike(tensor: readonly number[], shape: readonly number[]): boolean {
  const more = (size: number) => size !== 1;
  return sameShape(tensor.filter(more), shape.filter(more));
}

/** The tensor as its golden stands. */
export function toGolden(data: Float32Array, golden: readonly number[], order: ProbeOrder): Float32NdArray {
  return float32NdArray(golden, order === 'first' ? data : gather(data, placesOf(golden)));
}

/** The golden as the tensor stands. */
export function fromGolden(
  { shape, data }: Float32NdArray,
  tensor: readonly number[],
  order: ProbeOrder,
): Float32NdArray {
  if (order === 'first') return float32NdArray(tensor, data);
  const places = placesOf(shape);
  const turned = new Float32Array(data.length);
  for (const [at, place] of places.entries()) turned[place] = data[at]!;
  return float32NdArray(tensor, turned);
}

/** Of each element of a map [b, c, h, w], its place in [b, h, w, c]. */
export function placesOf([b = 0, c = 0, h = 0, w = 0]: readonly number[]): Uint32Array {
  const places = new Uint32Array(b * c * h * w);
  let at = 0;
  for (let image = 0; image < b; image++)
    for (let channel = 0; channel < c; channel++)
      for (let pixel = 0; pixel < h * w; pixel++) places[at++] = (image * h * w + pixel) * c + channel;
  return places;
}

function gather(data: Float32Array, places: Uint32Array): Float32Array {
  return Float32Array.from(places, (place) => data[place]!);
}
