import { type CaseResult, timesNoise } from '../../result/record/case-result.js';
import { type Markup, markup, raw } from '../markup.js';
import { limitOf } from './limits.js';

const width = 120;
const height = 22;
/** The limit lies at this height, so that all sparklines read alike; two decades below it and one above are shown. */
const limitY = 7;
const perDecade = (height - limitY - 1) / 2;

/**
 * The accumulated errors of a case, first layer to last, on a log scale, each beside its own limit, which is the line.
 */
export function renderSparkline({ measurements }: CaseResult): Markup {
  const step = width / Math.max(1, measurements.length - 1);
  let path = '';
  let broken = true;
  for (const [i, measurement] of measurements.entries()) {
    const [times, limit] = [timesNoise(measurement), limitOf(measurement)];
    if (times === null || limit === null) {
      broken = true;
      continue;
    }
    const y = limitY - perDecade * Math.log10(Math.max(times, 1e-9) / limit);
    path += `${broken ? 'M' : ' '}${round(i * step)} ${round(Math.min(height - 1, Math.max(1, y)))}`;
    broken = false;
  }
  return markup`<svg class="spark" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true"><path class="limit" d="M0 ${limitY}h${width}"/><path class="line" d="${raw(path)}"/></svg>`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
