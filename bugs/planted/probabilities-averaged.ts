import { inferImage } from '../../pipeline/infer/infer-image.js';
import type { Planes } from '../../pipeline/infer/planes.js';
import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'probabilities averaged in place of logits',
  shows: [{ golden: 'street', mode: 'flip', first: /^flip\/0\/logits$/ }],
  pipeline: {
    infer: (network, ...rest) => inferImage(async (image) => softmax(await network(image)), ...rest),
  },
};

function softmax({ channels, height, width, data }: Planes): Planes<Float32Array> {
  const plane = height * width;
  const shares = new Float32Array(data.length);
  for (let p = 0; p < plane; p++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += Math.exp(data[c * plane + p]!);
    for (let c = 0; c < channels; c++) shares[c * plane + p] = Math.exp(data[c * plane + p]!) / sum;
  }
  return { channels, height, width, data: shares };
}
