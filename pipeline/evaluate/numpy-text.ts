import { roundHalfEven } from '../image/round-half-even.js';

/** Python's `'{:.Nf}'.format(value)`: ties of the exact binary value go to the even digit. */
export function formatFixed(value: number, digits: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  // toFixed rounds the exact value and takes a tie upwards; only multiples of 2^-(digits + 1) can be ties.
  const shifted = value * 2 ** (digits + 1);
  const isTie = Number.isInteger(shifted) && Number.isInteger(value * 10 ** digits * 2) && shifted % 2 !== 0;
  return isTie ? (roundHalfEven(value * 10 ** digits) / 10 ** digits).toFixed(digits) : value.toFixed(digits);
}

/** numpy.round(values, 4). */
export function roundTo4(values: readonly number[]): number[] {
  return values.map((value) => roundHalfEven(value * 1e4) / 1e4);
}

/**
 * `str()` of a one-dimensional float64 array as NumPy 2 prints it once `numpy.set_printoptions(suppress=True)` was
 * called, as paddleseg/core/val.py does: as many digits as the longest needs, never powers of ten, lines of at most 75
 * characters.
 */
export function numpyText(values: readonly number[]): string {
  const words = padWords(values.map(plainParts));
  const lines: string[] = [];
  let line = ' ';
  for (const [at, word] of words.entries()) {
    if (line.length + word.length > lineWidth - 1 && line.length > 1) {
      lines.push(line.trimEnd());
      line = ' ';
    }
    line += at === words.length - 1 ? word : `${word} `;
  }
  return `[${[...lines, line].join('\n').slice(1)}]`;
}

const lineWidth = 75;

/** Before the point, and the digits after it; `fraction` is null for what is not finite. */
interface Parts {
  readonly whole: string;
  readonly fraction: string | null;
}

function plainParts(value: number): Parts {
  if (!Number.isFinite(value)) return { whole: formatFixed(value, 0), fraction: null };
  const [whole = '', fraction = ''] = String(value).split('.');
  return { whole: Object.is(value, -0) ? '-0' : whole, fraction };
}

function padWords(parts: readonly Parts[]): string[] {
  const finite = parts.filter(({ fraction }) => fraction !== null);
  const fractionWidth = Math.max(0, ...finite.map(({ fraction }) => fraction!.length));
  const wholeWidth = Math.max(0, ...finite.map(({ whole }) => whole.length));
  const plainWidth = finite.length === 0 ? 0 : wholeWidth + 1 + fractionWidth;
  const width = Math.max(plainWidth, ...parts.map(({ whole, fraction }) => (fraction === null ? whole.length : 0)));
  return parts.map(({ whole, fraction }) =>
    (fraction === null ? whole : `${whole.padStart(wholeWidth)}.${fraction.padEnd(fractionWidth)}`).padStart(width),
  );
}
