/**
 * Row `to` holds the shares of the `from` elements in the element at `to`. Shapes: [size, from]. Computed in float64.
 */
export function interpolationMatrix(from: number, size: number, alignCorners: boolean): Float32Array {
  const matrix = new Float32Array(size * from);
  for (let to = 0; to < size; to++) {
    const position = sourcePosition(to, from, size, alignCorners);
    const lower = Math.min(Math.floor(position), from - 1);
    const upper = Math.min(lower + 1, from - 1);
    matrix[to * from + lower]! += 1 - (position - lower);
    matrix[to * from + upper]! += position - lower;
  }
  return matrix;
}

/** Source: paddle.nn.functional.interpolate: half-pixel centres, at least 0, or corners on corners. */
function sourcePosition(to: number, from: number, size: number, alignCorners: boolean): number {
  if (alignCorners) return size === 1 ? 0 : (to * (from - 1)) / (size - 1);
  return Math.max(((to + 0.5) * from) / size - 0.5, 0);
}
