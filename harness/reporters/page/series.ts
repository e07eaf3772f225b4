import { type Measurement, timesNoise } from '../../result/record/case-result.js';
import { type Markup, markup, raw } from '../markup.js';
import { kindOf } from '../summarise-case.js';
import type { BundleView, CaseView } from './arrange.js';
import type { Frame } from './frame.js';
import { portClass, renderMarks, renderSeries, round } from './marks.js';

/** The marks of one port: own errors below, accumulated above, what is at fault on top. */
export function renderCaseMarks(
  { layers, cases }: BundleView,
  { portIndex }: CaseView,
  i: number,
  frame: Frame,
): Markup {
  const { xOf, scale, step, markSize, top } = frame;
  // Ports stand a little beside each other, so that equal errors do not hide one another.
  const shift = (i - (cases.length - 1) / 2) * Math.min(step * 0.3, 3);
  const series: Series = { ok: [], faint: [], bad: [], own: [], ownBad: [], none: [] };
  for (const [layer, { measurements }] of layers.entries()) {
    const measurement = measurements[i];
    if (measurement === null || measurement === undefined) continue;
    const x = xOf(layer) + shift;
    const { own } = measurement;
    const [accumulated, alone] = [timesNoise(measurement), timesNoise(own)];
    if (accumulated === null) series.none.push([x, top]);
    else series[seriesOf(measurement)].push([x, scale.toY(accumulated)]);
    if (own !== null && alone !== null) series[own.verdict === 'fail' ? 'ownBad' : 'own'].push([x, scale.toY(alone)]);
  }
  const marks = (name: keyof Series) => renderMarks(portIndex, series[name], markSize);
  const crosses = series.none.map(([x, y]) => `M${round(x - 3)} ${y - 3}l6 6m0-6l-6 6`).join('');
  return markup`<g>${renderSeries(portIndex, 'own', '', marks('own'), markSize)}
${renderSeries(portIndex, 'accumulated', 'faint', marks('faint'), markSize)}
${renderSeries(portIndex, 'accumulated', '', marks('ok'), markSize)}
${renderSeries(portIndex, 'accumulated', 'bad', marks('bad'), markSize)}
${renderSeries(portIndex, 'own', 'bad', marks('ownBad'), markSize + 2)}
${renderRings(series.ownBad)}${crosses === '' ? null : markup`<path class="cross ${portClass(portIndex)}" d="${raw(crosses)}"/>`}</g>
`;
}

type Points = [x: number, y: number][];
type Series = Record<'ok' | 'faint' | 'bad' | 'own' | 'ownBad' | 'none', Points>;

function seriesOf(measurement: Measurement): 'ok' | 'faint' | 'bad' {
  const kind = kindOf(measurement);
  if (kind === 'inherits' || kind === 'waived' || kind === 'uninformative') return 'faint';
  return kind === 'agrees' ? 'ok' : 'bad';
}

function renderRings(points: readonly (readonly [number, number])[]): Markup | null {
  if (points.length === 0) return null;
  const path = points.map(([x, y]) => `M${round(x - 7)} ${round(y)}a7 7 0 1 0 14 0a7 7 0 1 0-14 0`).join('');
  return markup`<path class="ring" d="${raw(path)}"/>`;
}
