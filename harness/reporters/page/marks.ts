import { type Markup, markup, raw } from '../markup.js';

/** Ports beyond the fourth share colours and shapes with the first. */
export const portStyles = 4;

export type MarkKind = 'accumulated' | 'own';

/** The class that gives a port its colour and shape. */
export function portClass(portIndex: number): string {
  return `p${portIndex % portStyles}`;
}

/**
 * Marks at the points, as one path: a disc and a square are a dot with a round or a square cap, which costs ten
 * characters; a diamond and a triangle are drawn. Style sheet: `.marks`.
 */
export function renderMarks(portIndex: number, points: readonly (readonly [number, number])[], size: number): string {
  const half = round(size / 2);
  const draw = shapes[portIndex % portStyles]!;
  return points.map(([x, y]) => draw(x, y, Number(half))).join('');
}

/** Filled for accumulated, hollow for own. */
export function renderSeries(
  portIndex: number,
  kind: MarkKind,
  className: string,
  path: string,
  size: number,
): Markup | null {
  if (path === '') return null;
  const port = portClass(portIndex);
  const style = markup`style="--size:${round(size)}px"`;
  if (kind === 'accumulated') return markup`<path class="marks ${port} ${className}" ${style} d="${raw(path)}"/>`;
  return markup`<g class="hollow" ${style}><path class="marks ${port} ${className}" d="${raw(path)}"/>${capped(portIndex) ? markup`<path class="marks hole ${port}" d="${raw(path)}"/>` : null}</g>`;
}

/** The mark of a port for a legend. */
export function renderKey(portIndex: number, kind: MarkKind): Markup {
  const series = renderSeries(portIndex, kind, '', renderMarks(portIndex, [[6, 6]], 8), 8);
  return markup`<svg class="glyph" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">${series}</svg>`;
}

export function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

type Shape = (x: number, y: number, half: number) => string;

const dot: Shape = (x, y) => `M${round(x)} ${round(y)}h0`;
const diamond: Shape = (x, y, half) =>
  `M${round(x)} ${round(y - half)}l${half} ${half} ${-half} ${half} ${-half} ${-half}z`;
const triangle: Shape = (x, y, half) => `M${round(x)} ${round(y - half)}l${half} ${2 * half}h${-2 * half}z`;

const shapes: readonly Shape[] = [dot, dot, diamond, triangle];

function capped(portIndex: number): boolean {
  return shapes[portIndex % portStyles] === dot;
}
