/** NumPy dtypes that bundles may hold (CONTRACT, section 1). */
export type Dtype = 'f4' | 'f8' | 'i4' | 'i8' | 'u1' | 'b1';

export interface ArrayData {
  f4: Float32Array;
  f8: Float64Array;
  i4: Int32Array;
  i8: BigInt64Array;
  u1: Uint8Array;
  b1: Uint8Array;
}

/** An array in C order. `data.length` is the product of `shape`. */
export interface NdArray<D extends Dtype = Dtype> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: ArrayData[D];
  /**
   * What the bundle holds where that is not `dtype`. Of an input: f2 is read as f4, i2 and u2 as i4, u4 as i8. Of a
   * weight: whole numbers, which a port is given as f4.
   */
  readonly stored?: 'f2' | 'i2' | 'u2' | 'u4' | 'i4' | 'i8' | 'u1' | 'b1';
}

export type Float32NdArray = NdArray<'f4'>;

export function float32NdArray(shape: readonly number[], data: Float32Array): Float32NdArray {
  return { dtype: 'f4', shape, data };
}

/** The number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function sameShape(actual: readonly number[], expected: readonly number[]): boolean {
  return actual.length === expected.length && actual.every((extent, axis) => extent === expected[axis]);
}
