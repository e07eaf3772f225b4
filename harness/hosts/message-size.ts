/**
 * Node gives the length of a message between processes in four bytes, and a Buffer of Node 20 has 4 GiB at most. What
 * is left of them is for the names and shapes.
 */
export const maxMessageBytes = 2 ** 32 - 2 ** 20;

/**
 * Why a message cannot be sent, as a clause, or null: the bytes of all its arrays, and the largest of them by where it
 * stands. An array that stands there twice is sent once.
 */
export function describeTooLarge(message: object): string | null {
  const arrays = [...arraysOf(message, '', new Set())];
  const total = arrays.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= maxMessageBytes) return null;
  const largest = arrays.reduce((most, one) => (one.bytes > most.bytes ? one : most));
  return `${total} bytes of arrays (most in ${largest.place}: ${largest.bytes}), and a message between processes holds at most ${maxMessageBytes}`;
}

interface PlacedArray {
  readonly place: string;
  readonly bytes: number;
}

function* arraysOf(value: unknown, place: string, seen: Set<object>): Generator<PlacedArray> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (ArrayBuffer.isView(value)) {
    yield { place, bytes: value.byteLength };
    return;
  }
  const entries = value instanceof Map ? value : Object.entries(value);
  for (const [key, inner] of entries) yield* arraysOf(inner, place === '' ? key : `${place}.${key}`, seen);
}
