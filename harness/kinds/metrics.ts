import { evalFigures } from '../metrics/eval-figures.js';
import { kind as confusion } from './confusion.js';
import type { Kind, KindLimit } from './index.js';

const newest = Math.max(...evalFigures.map(({ since }) => since));

/** What the pipeline prints of a mode, beside what the reference prints: conventions for absent classes are in it. */
export const kind: Kind = {
  ...confusion,
  name: 'metrics',
  names: /\/metrics$/,
  words: 'a figure that the pipeline prints',
  limits: limitsOf(newest),
  // Before a figure was there, results had none of it.
  earlier: Object.fromEntries(Array.from({ length: newest - 1 }, (_, at) => [`limits/${at + 1}`, limitsOf(at + 1)])),
};

function limitsOf(id: number): KindLimit[] {
  const because = 'half of the last digit that PaddleSeg prints is 5e-5';
  return evalFigures
    .filter(({ since }) => since <= id)
    .map(({ name: figure }) => ({ figure, unit: 'absolute', limit: 1e-5, because }));
}
