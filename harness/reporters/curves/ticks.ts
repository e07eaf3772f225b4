/**
 * Round numbers from the one at or below `low` to the one at or above `high`, about `count` of them: steps of 1, 2, 2.5
 * or 5 times a power of ten. A span of nothing is widened, so that there is always a step.
 */
export function roundTicks(low: number, high: number, count: number): number[] {
  const span = high > low ? high - low : Math.max(Math.abs(high), 1e-12);
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (steps.find((factor) => power * factor >= rough * (1 - 1e-9)) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

const steps = [1, 2, 2.5, 5];

/** `40k` for 40000, `6e-5` for 0.00006, else the number. */
export function renderTick(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 10_000) return `${Number((value / 1000).toPrecision(6))}k`;
  return size < 1e-3 ? value.toExponential().replace('e-', 'e−') : String(value);
}
