/**
 * Why bytes are not an ONNX model, as a part of a sentence. Only the outermost message is looked at: a file that was
 * cut ends within one of its fields, most often the graph.
 */
export function describeDamage(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'it is empty';
  if (isCut(bytes)) return `the file ends after ${bytes.length} bytes, in the middle of the model`;
  const head = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  return known.find(([pattern]) => pattern.test(head))?.[1] ?? 'it is not an ONNX file';
}

const known: readonly (readonly [RegExp, string])[] = [
  [/^\s*(<!doctype|<html|<\?xml)/i, 'it is a web page'],
  [/^PK/, 'it is a zip, as PyTorch and NumPy write them'],
  [/^\x80/, 'it is a pickle, as PyTorch and Paddle write them'],
  [/^\x89HDF/, 'it is an HDF5 file, as Keras writes them'],
  [/^\x93NUMPY/, 'it is a NumPy array'],
  [/^ORTM|^.{4}ORTM/s, "it is in ONNX Runtime's own format"],
  [/^.{4}TFL3/s, 'it is a TensorFlow Lite file'],
];

/** Fields of ModelProto and how they are encoded: 0 a number, 2 bytes of a length. Source: onnx.proto. */
const fields: Readonly<Record<number, number>> = {
  1: 0,
  2: 2,
  3: 2,
  4: 2,
  5: 0,
  6: 2,
  7: 2,
  8: 2,
  14: 2,
  20: 2,
  25: 2,
};

function isCut(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length) {
    const tag = readNumber(bytes, at);
    if (tag === null) return true;
    const kind = fields[Math.floor(tag.value / 8)];
    if (kind === undefined || kind !== tag.value % 8) return false;
    const number = readNumber(bytes, tag.end);
    if (number === null) return true;
    at = kind === 0 ? number.end : number.end + number.value;
  }
  return at > bytes.length;
}

/** Null where the bytes end before the number does. */
function readNumber(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let at = from; at < bytes.length; at++) {
    value += (bytes[at]! & 0x7f) * 128 ** (at - from);
    if (bytes[at]! < 0x80) return { value, end: at + 1 };
  }
  return null;
}
