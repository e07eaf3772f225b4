import { type Markup, markup } from '../markup.js';
import type { BundleView } from './arrange.js';
import type { Frame } from './frame.js';
import { groupLayers, type LayerGroup } from './group-layers.js';
import { spansOf } from './limits.js';
import { round } from './marks.js';

/** Decades, the limit, and the parts of the network below. */
export function renderAxes(bundle: BundleView, frame: Frame): Markup {
  const names = bundle.layers.map(({ name }) => name);
  return markup`${renderGrid(frame)}${renderLimits(bundle, frame)}
${renderGroups(groupLayers(names, 2), frame, { below: 16, edge: 'edge', endLabel: false })}${renderGroups(groupLayers(names, 1), frame, { below: 33, edge: 'edge part', endLabel: true })}`;
}

function renderGrid({ scale, left, right }: Frame): Markup[] {
  return scale.decades.map((decade) => {
    const y = round(scale.toY(10 ** decade));
    const label = decade > 3 ? `1e${decade}` : String(10 ** decade);
    const isOne = decade === 0;
    const note = isOne ? markup`<text class="axis one" x="${right + 4}" y="${Number(y) + 4}">Paddle’s</text>` : null;
    return markup`<path class="grid${isOne ? ' one' : ''}" d="M${left} ${y}H${right}"/><text class="axis end" x="${left - 6}" y="${Number(y) + 4}">${label}×</text>${note}`;
  });
}

/**
 * A line over the layers that have the limit; it is named at the right end, else above the line where there is room.
 */
function renderLimits(bundle: BundleView, { scale, left, right, step, xOf }: Frame): Markup[] {
  return spansOf(bundle).map(({ limit, first, last }) => {
    const y = Number(round(scale.toY(limit)));
    const isAtEnd = last === bundle.layers.length - 1;
    const from = first === 0 ? left : xOf(first) - step / 2;
    const to = isAtEnd ? right : xOf(last) + step / 2;
    const text = `limit ${limit}×`;
    const label = isAtEnd
      ? markup`<text class="axis limit" x="${right + 4}" y="${y + 4}">${text}</text>`
      : to - from > text.length * characterWidth &&
        markup`<text class="axis limit end" x="${round(to)}" y="${y - 4}">${text}</text>`;
    return markup`<path class="limit" d="M${round(from)} ${y}H${round(to)}"/>${label || null}`;
  });
}

interface GroupRow {
  /** Of the plot. */
  readonly below: number;
  readonly edge: string;
  /** Whether a group without room may have its label at the right end. */
  readonly endLabel: boolean;
}

/** A label and a line per group that has room for it. */
function renderGroups(groups: readonly LayerGroup[], frame: Frame, { below, edge, endLabel }: GroupRow): Markup[] {
  const { xOf, step, top, bottom, right } = frame;
  let taken = 0;
  return groups.map(({ label, first, last }, i) => {
    const from = xOf(first) - step / 2;
    const to = xOf(last) + step / 2;
    const width = label.length * characterWidth;
    const fits = to - from > width;
    const atEnd = endLabel && !fits && to > right - width && right - width > taken;
    const line =
      i === 0 || !(fits || atEnd)
        ? null
        : markup`<path class="${edge}" d="M${round(from)} ${top}V${bottom + below - 8}"/>`;
    if (!fits && !atEnd) return markup``;
    const x = fits ? (from + to) / 2 : right;
    taken = fits ? (from + to + width) / 2 : right;
    return markup`${line}<text class="${fits ? 'mid' : 'end'}" x="${round(x)}" y="${bottom + below}">${label}</text>`;
  });
}

/** Of the axes' 12-pixel sans serif, on average and with a little air. */
const characterWidth = 6.6;
