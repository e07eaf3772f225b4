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
 * `str()` of a one-dimensional float64 array, as NumPy 2 prints it: as many digits as the longest needs, in powers of ten where
 * sizes differ much, lines of at most 75 characters.
 */
export function numpyText(values: readonly number[]): string {
  const words = padWords(needsExponent(values) ? values.map(exponentParts) : values.map(plainParts));
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

function needsExponent(values: readonly number[]): boolean {
  const sizes = values.filter((value) => Number.isFinite(value) && value !== 0).map(Math.abs);
  if (sizes.length === 0) return false;
  const largest = Math.max(...sizes);
  const smallest = Math.min(...sizes);
  return largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000;
}

/** Before the point, the digits after it, and how zeros fill those up. */
interface Parts {
  readonly whole: string;
  readonly fraction: string;
  readonly exponent: string;
  readonly fill: string;
}

function plainParts(value: number): Parts {
  if (!Number.isFinite(value)) return { whole: formatFixed(value, 0), fraction: '', exponent: '', fill: 'none' };
  const [whole = '', fraction = ''] = String(value).split('.');
  return { whole: Object.is(value, -0) ? '-0' : whole, fraction, exponent: '', fill: ' ' };
}

function exponentParts(value: number): Parts {
  if (!Number.isFinite(value)) return plainParts(value);
  const [mantissa = '', power = ''] = value.toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const sign = power.startsWith('-') ? '-' : '+';
  return { whole, fraction, exponent: `e${sign}${power.slice(1).padStart(2, '0')}`, fill: '0' };
}

function padWords(parts: readonly Parts[]): string[] {
  const finite = parts.filter(({ fill }) => fill !== 'none');
  const fractionWidth = Math.max(0, ...finite.map(({ fraction }) => fraction.length));
  const wholeWidth = Math.max(0, ...finite.map(({ whole }) => whole.length));
  const wordWidth = (part: Parts) => wholeWidth + 1 + fractionWidth + part.exponent.length;
  const width = Math.max(
    0,
    ...finite.map(wordWidth),
    ...parts.map(({ whole, fill }) => (fill === 'none' ? whole.length : 0)),
  );
  return parts.map((part) => {
    const { whole, fraction, exponent, fill } = part;
    if (fill === 'none') return whole.padStart(width);
    return `${whole.padStart(wholeWidth)}.${fraction.padEnd(fractionWidth, fill)}${exponent}`.padStart(width);
  });
}
