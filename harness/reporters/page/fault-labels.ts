import { type Measurement, timesNoise } from '../../result/record/case-result.js';
import { renderTimes } from '../../support/figures.js';
import { type Markup, markup } from '../markup.js';
import type { BundleView, CaseView } from './arrange.js';
import type { Frame } from './frame.js';
import { round } from './marks.js';

/** The first fault of each port is named above the plot, a line each, with a leader down to its mark. */
export function renderFaultLabels(bundle: BundleView, frame: Frame): Markup[] {
  const labels = bundle.cases.flatMap((view) => placeLabel(bundle, view, frame));
  return labels.sort(byLine).map((label, line) => renderLabel(label, 12 + 16 * line, frame));
}

interface Label {
  readonly text: string;
  readonly x: number;
  readonly markY: number;
  readonly toTheLeft: boolean;
}

function placeLabel({ layers }: BundleView, { found, summary }: CaseView, frame: Frame): Label[] {
  const first = summary.culprit;
  if (first === null) return [];
  const ratio = timesNoise(first.own?.verdict === 'fail' ? first.own : first);
  const text = `${found.port}: ${first.name}, ${ratio === null ? noNumber(first) : `${renderTimes(ratio)} ${summary.culpritBy}`}`;
  const x = frame.xOf(layers.findIndex(({ name }) => name === first.name));
  const markY = ratio === null ? frame.top : frame.scale.toY(ratio) - 8;
  return [{ text, x, markY, toTheLeft: x + text.length * characterWidth > frame.width }];
}

function noNumber(first: Measurement): string {
  return first.verdict === 'missing' ? 'missing' : 'not finite';
}

/**
 * In this order no leader crosses a label that reads the same way: to the left from the right end, then to the right.
 */
function byLine(a: Label, b: Label): number {
  if (a.toTheLeft !== b.toTheLeft) return a.toTheLeft ? -1 : 1;
  return a.toTheLeft ? b.x - a.x : a.x - b.x;
}

function renderLabel({ text, x, markY, toTheLeft }: Label, y: number, { bottom }: Frame): Markup {
  const leader = markup`<path class="leader" d="M${round(x)} ${y - 9}V${round(Math.min(markY, bottom))}"/>`;
  return markup`${leader}<text class="fault${toTheLeft ? ' end' : ''}" x="${round(x + (toTheLeft ? -5 : 5))}" y="${y}">${text}</text>`;
}

/** Of the 13-pixel bold sans serif, on average. */
const characterWidth = 7.6;
