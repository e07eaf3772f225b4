import { type Markup, markup, raw } from '../markup.js';
import { portClass, portStyles, round } from '../page/marks.js';
import { smoothCurve } from './smooth.js';
import { renderTick, roundTicks } from './ticks.js';
import type { CurvePoint } from './training-curves.js';

export interface LineChart {
  readonly title: string;
  /** One a training, in its order; empty where it has none. */
  readonly series: readonly (readonly CurvePoint[])[];
  readonly names: readonly string[];
  /** The last iteration of the axis, one for all charts of a page. */
  readonly lastIteration: number;
  /** Whether the axis begins at 0. */
  readonly fromZero: boolean;
  /** Points that are few get a mark each, noise gets a running mean, and the rest is a line. */
  readonly style: 'line' | 'noisy' | 'marked';
}

/** In units of the viewBox: pixels at the page's full width, as the layers' chart has them. */
const frame = { width: 1120, height: 270, left: 58, right: 1106, top: 10, bottom: 236 };

/** Iterations from left to right, a line a training; a cross at the top where a value is NaN or Infinity. */
export function renderLineChart(chart: LineChart): Markup {
  const { title, series, names, lastIteration } = chart;
  const finite = series.flat().flatMap(([, value]) => (Number.isFinite(value) ? [value] : []));
  const low = chart.fromZero ? 0 : finite.reduce((a, b) => Math.min(a, b), finite[0] ?? 0);
  const ticks = roundTicks(
    low,
    finite.reduce((a, b) => Math.max(a, b), finite[0] ?? 1),
    5,
  );
  const scale: Scale = {
    toX: (iteration) => frame.left + ((frame.right - frame.left) * iteration) / Math.max(1, lastIteration),
    toY: (value) => frame.bottom - ((frame.bottom - frame.top) * (value - ticks[0]!)) / (ticks.at(-1)! - ticks[0]!),
  };
  return markup`<h2>${title}</h2>
<div class="plot wide" tabindex="0" role="region" aria-label="${title} by iteration"><svg viewBox="0 0 ${frame.width} ${frame.height}" style="min-width:${Math.round(frame.width * 0.82)}px" role="img" aria-label="${describe(chart)}">
${renderAxes(ticks, lastIteration, scale)}
${series.map((points, at) => renderCurve(points, names[at]!, at, scale, chart.style))}
</svg></div>`;
}

/** The line of a training for a legend. */
export function renderLineKey(index: number): Markup {
  return markup`<svg class="glyph" viewBox="0 0 28 10" width="28" height="10" aria-hidden="true"><path class="curve ${curveClass(index)}" d="M1 5h26"/></svg>`;
}

interface Scale {
  toX(iteration: number): number;
  toY(value: number): number;
}

function describe({ title, series, names }: LineChart): string {
  const last = series.map((points, at) => {
    const [iteration, value] = points.at(-1) ?? [];
    return iteration === undefined ? `${names[at]}: none` : `${names[at]}: ${value} at iteration ${iteration}`;
  });
  return `${title} by iteration. ${last.join('; ')}.`;
}

function renderAxes(ticks: readonly number[], lastIteration: number, { toX, toY }: Scale): Markup {
  const rows = ticks.map((tick) => {
    const y = round(toY(tick));
    return markup`<path class="grid" d="M${frame.left} ${y}H${frame.right}"/><text class="end" x="${frame.left - 7}" y="${Number(y) + 4}">${renderTick(tick)}</text>`;
  });
  const iterations = roundTicks(0, lastIteration, 8).filter((tick) => tick <= lastIteration && Number.isInteger(tick));
  const columns = iterations.map((tick) => {
    const x = round(toX(tick));
    return markup`<path class="edge" d="M${x} ${frame.bottom}v5"/><text class="mid" x="${x}" y="${frame.bottom + 19}">${renderTick(tick)}</text>`;
  });
  return markup`${rows}${columns}`;
}

function renderCurve(
  points: readonly CurvePoint[],
  name: string,
  index: number,
  scale: Scale,
  style: LineChart['style'],
): Markup {
  const smooth = style === 'noisy' ? smoothCurve(points) : null;
  const classes = curveClass(index);
  const faint =
    smooth === null ? null : markup`<path class="curve fine ${classes}" d="${raw(pathOf(points, scale))}"/>`;
  const crosses = points.flatMap(([iteration, value]) =>
    Number.isFinite(value) ? [] : [`M${round(scale.toX(iteration) - 3)} ${frame.top}l6 6m0-6l-6 6`],
  );
  const dots =
    style === 'marked'
      ? points.flatMap(([iteration, value]) =>
          Number.isFinite(value) ? [`M${round(scale.toX(iteration))} ${round(scale.toY(value))}h0`] : [],
        )
      : [];
  return markup`<g><title>${name}</title>${faint}<path class="curve ${classes}" d="${raw(pathOf(smooth ?? points, scale))}"/>${dots.length === 0 ? null : markup`<path class="curve dots ${classes}" d="${raw(dots.join(''))}"/>`}${crosses.length === 0 ? null : markup`<path class="cross ${classes}" d="${raw(crosses.join(''))}"/>`}</g>
`;
}

/** Broken where a value is not finite. */
function pathOf(points: readonly CurvePoint[], { toX, toY }: Scale): string {
  let broken = true;
  return points
    .map(([iteration, value]) => {
      if (!Number.isFinite(value)) {
        broken = true;
        return '';
      }
      const command = broken ? 'M' : 'L';
      broken = false;
      return `${command}${round(toX(iteration))} ${round(toY(value))}`;
    })
    .join('');
}

/** Colours repeat after the fourth, with another dash each time, so that eight trainings differ. */
function curveClass(index: number): string {
  return `${portClass(index)} d${Math.floor(index / portStyles) % 2}`;
}
