import type { Measurement } from '../../result.js';
import { explainFault } from '../explain.js';
import { renderRatio, renderTimes } from '../figures.js';
import { type Markup, markup, raw } from '../markup.js';
import { kindOf } from '../summarise-case.js';
import type { BundleView, CaseView } from './arrange.js';
import { groupLayers } from './group-layers.js';
import { portClass, renderMarks, renderSeries, round } from './marks.js';
import { type ErrorScale, errorScale } from './scale.js';

/**
 * Layers in the reference's order from left to right, the error as a multiple of the noise upwards on a log scale. Filled marks
 * are accumulated errors, hollow ones own errors; what inherits is faint, what is faulty has a ring; a cross at the top has no
 * number (missing, NaN, Inf).
 */
export function renderChart(bundle: BundleView): Markup {
  const frame = frameOf(bundle);
  const { width, height, left, right, top, bottom } = frame;
  const name = `Error of each layer of ${bundle.name} as a multiple of the noise. ${bundle.cases.map(describeCase).join(' ')}`;
  return markup`<div class="plot wide" data-bundle="${bundle.index}" data-layers="${bundle.layers.length}" data-left="${round(frame.xOf(0))}" data-step="${String(frame.step)}" data-top="${top}" data-bottom="${bottom}">
<svg viewBox="0 0 ${width} ${height}" style="min-width:${Math.round(width * 0.82)}px" role="img" aria-label="${name}">
${renderGrid(frame)}${renderGroups(bundle, frame)}${renderLimits(bundle, frame)}
${bundle.cases.map((view, i) => renderCase(bundle, view, i, frame))}
${renderFirstFaults(bundle, frame)}
<text class="axis" x="${left}" y="${height - 4}">layers in the reference’s order →</text><text class="axis end" x="${right}" y="${height - 4}">error in × noise, log scale ↑</text>
</svg></div>`;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly step: number;
  readonly markSize: number;
  readonly scale: ErrorScale;
  xOf(layer: number): number;
}

function frameOf({ layers, cases }: BundleView): Frame {
  const width = Math.max(1120, Math.round(layers.length * 2.6) + 110);
  const left = 44;
  const right = width - 64;
  const labelled = cases.filter(({ found }) => found.firstFault !== null).length;
  const top = 18 + 16 * labelled;
  const ratios = layers.flatMap(({ measurements }) =>
    measurements.flatMap((found) => [found?.noiseRatio ?? Number.NaN, found?.own?.noiseRatio ?? Number.NaN]),
  );
  const limits = cases.map(({ found }) => found.limits.noiseRatio * 1.5);
  const decades = errorScale([...ratios, ...limits], 0, 1).decades.length - 1;
  const plot = Math.min(360, 150 + 38 * decades);
  const step = (right - left - 16) / Math.max(1, layers.length - 1);
  return {
    width,
    height: top + plot + 54,
    left,
    right,
    top,
    bottom: top + plot,
    step,
    markSize: Math.min(7, Math.max(3.2, step)),
    scale: errorScale([...ratios, ...limits], top, plot),
    xOf: (layer) => (layers.length === 1 ? (left + right) / 2 : left + 8 + layer * step),
  };
}

function describeCase({ found, summary }: CaseView): string {
  const fault = found.firstFault === null ? '' : `, first fault ${found.firstFault}`;
  return `${found.port}: ${found.verdict}${fault}, worst ${renderTimes(summary.worst?.noiseRatio)} accumulated, ${renderTimes(summary.worstOwn?.own?.noiseRatio)} own.`;
}

function renderGrid({ scale, left, right }: Frame): Markup[] {
  return scale.decades.map((decade) => {
    const y = round(scale.toY(10 ** decade));
    const label = decade < 0 ? String(10 ** decade) : decade > 4 ? `1e${decade}` : String(10 ** decade);
    const isOne = decade === 0;
    const note = isOne ? markup`<text class="axis one" x="${right + 4}" y="${Number(y) + 4}">Paddle’s</text>` : null;
    return markup`<path class="grid${isOne ? ' one' : ''}" d="M${left} ${y}H${right}"/><text class="axis end" x="${left - 6}" y="${Number(y) + 4}">${label}×</text>${note}`;
  });
}

/** Every limit of the bundle's cases, once. */
function renderLimits({ cases }: BundleView, { scale, left, right }: Frame): Markup[] {
  return [...new Set(cases.map(({ found }) => found.limits.noiseRatio))].map((limit) => {
    const y = round(scale.toY(limit));
    return markup`<path class="limit" d="M${left} ${y}H${right}"/><text class="axis limit" x="${right + 4}" y="${Number(y) + 4}">limit ${renderRatio(limit).replace('.0', '')}×</text>`;
  });
}

function renderGroups({ layers }: BundleView, { xOf, step, top, bottom }: Frame): Markup[] {
  const groups = groupLayers(layers.map(({ name }) => name));
  return groups.map(({ label, first, last }, i) => {
    const from = xOf(first) - step / 2;
    const to = xOf(last) + step / 2;
    const edge = i === 0 ? null : markup`<path class="edge" d="M${round(from)} ${top}V${bottom + 8}"/>`;
    const fits = to - from > label.length * 6.3;
    return markup`${edge}${fits ? markup`<text class="axis mid" x="${round((from + to) / 2)}" y="${bottom + 18}">${label}</text>` : null}`;
  });
}

function renderCase({ layers, cases }: BundleView, { portIndex }: CaseView, i: number, frame: Frame): Markup {
  const { xOf, scale, step, markSize, top } = frame;
  // Ports stand a little beside each other, so that equal errors do not hide one another.
  const shift = (i - (cases.length - 1) / 2) * Math.min(step * 0.3, 3);
  const series = { ok: [], faint: [], bad: [], own: [], ownBad: [], none: [] } as Record<string, [number, number][]>;
  for (const [layer, { measurements }] of layers.entries()) {
    const measurement = measurements[i];
    if (measurement === null || measurement === undefined) continue;
    const x = xOf(layer) + shift;
    const { noiseRatio, own } = measurement;
    if (noiseRatio === null) series.none!.push([x, top]);
    else series[seriesOf(measurement)]!.push([x, scale.toY(noiseRatio)]);
    if (own !== null && own.noiseRatio !== null)
      series[own.verdict === 'fail' ? 'ownBad' : 'own']!.push([x, scale.toY(own.noiseRatio)]);
  }
  const marks = (name: string) => renderMarks(portIndex, series[name]!, markSize);
  const crosses = series.none!.map(([x, y]) => `M${round(x - 3)} ${y - 3}l6 6m0-6l-6 6`).join('');
  return markup`<g>${renderSeries(portIndex, 'own', '', marks('own'), markSize)}
${renderSeries(portIndex, 'accumulated', 'faint', marks('faint'), markSize)}
${renderSeries(portIndex, 'accumulated', '', marks('ok'), markSize)}
${renderSeries(portIndex, 'accumulated', 'bad', marks('bad'), markSize)}
${renderSeries(portIndex, 'own', 'bad', marks('ownBad'), markSize + 2)}
${renderRings(series.ownBad!)}${crosses === '' ? null : markup`<path class="cross ${portClass(portIndex)}" d="${raw(crosses)}"/>`}</g>
`;
}

function seriesOf(measurement: Measurement): string {
  const kind = kindOf(measurement);
  if (kind === 'inherits' || kind === 'uninformative') return 'faint';
  return kind === 'agrees' ? 'ok' : 'bad';
}

function renderRings(points: readonly (readonly [number, number])[]): Markup | null {
  if (points.length === 0) return null;
  const path = points.map(([x, y]) => `M${round(x - 7)} ${round(y)}a7 7 0 1 0 14 0a7 7 0 1 0-14 0`).join('');
  return markup`<path class="ring" d="${raw(path)}"/>`;
}

/** The first fault of each port is named in the chart, with a line to its mark. */
function renderFirstFaults({ layers, cases }: BundleView, { xOf, scale, top, bottom, left, right }: Frame): Markup[] {
  const labelled = cases.flatMap(({ found, summary }, i) =>
    summary.firstFault === null ? [] : [{ found, first: summary.firstFault, i }],
  );
  return labelled.map(({ found, first, i }, line) => {
    const layer = layers.findIndex(({ name }) => name === first.name);
    const x = xOf(layer);
    const ratio = first.own?.verdict === 'fail' ? first.own.noiseRatio : first.noiseRatio;
    const y = ratio === null ? top : scale.toY(ratio) - 8;
    const toTheLeft = x > (left + right) / 2;
    const textY = 14 + 16 * line;
    const port = portClass(cases[i]!.portIndex);
    const figure =
      ratio === null
        ? first.verdict === 'missing'
          ? 'missing'
          : 'not finite'
        : `${renderTimes(ratio)} ${found.firstFaultBy}`;
    const label = `${found.port}: ${explainFault(found)?.layer ?? ''}, ${figure}`;
    return markup`<path class="leader ${port}" d="M${round(x)} ${textY - 9}V${round(Math.min(y, bottom))}"/><text class="fault${toTheLeft ? ' end' : ''}" x="${round(x + (toTheLeft ? -5 : 5))}" y="${textY}">${label}</text>`;
  });
}
