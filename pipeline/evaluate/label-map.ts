import { plainBlend } from '../infer/blend.js';
import { labelBlend } from '../infer/label-blend.js';
import type { Planes } from '../infer/planes.js';

/** The class with the largest logit at each pixel, the lowest one on ties, [h, w]. NaN is never larger. */
export function labelMap(logits: Planes): Uint8Array {
  return labelBlend(plainBlend(logits));
}
