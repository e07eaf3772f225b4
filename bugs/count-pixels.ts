import { type Confusion, newConfusion } from '../harness/metrics/confusion.js';

/** Labels against predictions, both [h, w]: what an evaluation counts. 255 is ignored. */
export function countPixels(truth: Uint8Array, labels: Uint8Array, { classes }: Confusion): Confusion {
  const confusion = newConfusion(classes);
  for (const [p, label] of truth.entries()) if (label !== 255) confusion.counts[label * classes + labels[p]!]! += 1;
  return confusion;
}
