/** Figures as people read them. Each takes a value and gives a short text; null, NaN and Inf become an en dash. */

/** A multiple of the noise: `0.43×`, `1.3×`, `412×`, `3.2e7×`. */
export function renderTimes(ratio: number | null | undefined): string {
  const digits = renderRatio(ratio);
  return digits === none ? none : `${digits}×`;
}

/** As `renderTimes`, without the sign. */
export function renderRatio(ratio: number | null | undefined): string {
  if (!isNumber(ratio)) return none;
  if (ratio === 0) return '0';
  if (ratio < 0.005) return '<0.01';
  if (ratio < 0.995) return ratio.toFixed(2);
  if (ratio < 9.95) return ratio.toFixed(1);
  if (ratio < 99_999.5) return ratio.toFixed(0);
  return ratio.toExponential(1).replace('e+', 'e');
}

/** A relative error or an absolute value: `3.7e-7`. */
export function renderScientific(value: number | null | undefined): string {
  if (!isNumber(value)) return none;
  if (value === 0) return '0';
  return value.toExponential(1).replace('e+', 'e');
}

/** A value of a tensor, with the digits that float32 has. */
export function renderFloat(value: number | null | undefined): string {
  return isNumber(value) ? String(Number(value.toPrecision(9))) : none;
}

/** `840 ms`, `1.3 s`, `42 s`, `2 min 5 s`. */
export function renderDuration(milliseconds: number | null | undefined): string {
  if (!isNumber(milliseconds)) return none;
  if (milliseconds < 0.5) return '0 ms';
  if (milliseconds < 999.5) return `${milliseconds.toFixed(0)} ms`;
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `1×3×64×128`. */
export function renderShape(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join('×');
}

export { renderCount } from './render-count.js';

const none = '–';

function isNumber(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
