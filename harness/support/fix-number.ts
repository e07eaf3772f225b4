/**
 * YAML 1.1 wants a point and the sign of the exponent in a number that has one: else it is text. The end of a sentence
 * about a value that is such text; empty for any other.
 */
export function fixNumber(value: unknown): string {
  if (typeof value !== 'string') return '';
  const [, whole, fraction, sign, exponent] = /^([-+]?\d+)(?:\.(\d*))?e([-+]?)(\d+)$/i.exec(value) ?? [];
  if (whole === undefined) return '';
  const digits = fraction === undefined || fraction === '' ? '0' : fraction;
  return `, and this is text in YAML 1.1. Fix: write ${whole}.${digits}e${sign === '' ? '+' : sign}${exponent}`;
}
