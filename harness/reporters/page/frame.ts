import { timesNoise } from '../../result/record/case-result.js';
import type { BundleView } from './arrange.js';
import { spansOf } from './limits.js';
import { type ErrorScale, errorScale } from './scale.js';

/** Where a bundle's chart puts what, in the units of its viewBox: pixels at the page's full width. */
export interface Frame {
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

/** 1.3 units a layer at least; taller where the errors span more decades; a line above the plot per named fault. */
export function frameOf(bundle: BundleView): Frame {
  const { layers, cases } = bundle;
  const width = Math.max(1120, Math.round(layers.length * 1.3) + 124);
  const left = 50;
  const right = width - 64;
  const labelled = cases.filter(({ summary }) => summary.culprit !== null).length;
  const top = 12 + 16 * labelled;
  const ratios = layers.flatMap(({ measurements }) =>
    measurements.flatMap((found) => [timesNoise(found), timesNoise(found?.own)].map((one) => one ?? Number.NaN)),
  );
  const limits = spansOf(bundle).map(({ limit }) => limit * 1.5);
  const decades = errorScale([...ratios, ...limits], 0, 1).decades.length - 1;
  const plot = Math.min(360, 150 + 38 * decades);
  const step = (right - left - 16) / Math.max(1, layers.length - 1);
  return {
    width,
    height: top + plot + 42,
    left,
    right,
    top,
    bottom: top + plot,
    step,
    markSize: Math.min(7, Math.max(4, step)),
    scale: errorScale([...ratios, ...limits], top, plot),
    xOf: (layer) => (layers.length === 1 ? (left + right) / 2 : left + 8 + layer * step),
  };
}
