/** ONNX's element types by their number. Source: TensorProto.DataType of onnx.proto. */
const names: ReadonlyMap<number, string> = new Map([
  [1, 'float32'],
  [2, 'uint8'],
  [3, 'int8'],
  [4, 'uint16'],
  [5, 'int16'],
  [6, 'int32'],
  [7, 'int64'],
  [8, 'string'],
  [9, 'bool'],
  [10, 'float16'],
  [11, 'float64'],
  [12, 'uint32'],
  [13, 'uint64'],
  [16, 'bfloat16'],
]);

export function nameElementType(type: number | undefined): string {
  return names.get(type ?? 0) ?? `type ${type ?? 0} of ONNX`;
}

/** What class numbers are stored in; a mask of two classes may be bool. */
export function isInteger(type: number): boolean {
  return /^(u?int\d+|bool)$/.test(nameElementType(type));
}

export function isFloat(type: number): boolean {
  return /^b?float\d+$/.test(nameElementType(type));
}
