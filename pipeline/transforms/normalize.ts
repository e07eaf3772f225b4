import { defineTransform, drawNothing } from '../augment/transform.js';
import { argumentError, perChannel } from '../yml/arguments.js';

interface Values {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * (x / 255 − mean) / std per channel. Each of the three steps is rounded to float32, mean and std stay float64.
 * Source: Normalize and functional.normalize of PaddleSeg 2.8.0.
 */
export const transform = defineTransform<Values, null>({
  type: 'Normalize',
  arguments: { mean: perChannel([0.5]), std: perChannel([0.5]) },
  create({ mean, std }, section) {
    if (std.includes(0)) throw argumentError(section, 'std', 'no zero');
    for (const [name, list] of Object.entries({ mean, std })) {
      if (list.length !== Math.max(mean.length, std.length) && list.length !== 1)
        throw argumentError(section, name, 'a list of one number or three');
    }
    const normalize = (value: number, c: number) =>
      Math.fround(Math.fround(value / 255) - mean[c % mean.length]!) / std[c % std.length]!;
    /** Pixels that no transform has mixed are whole numbers, of which there are few: [channels, 256]. */
    const normalizeAll = (channels: number) =>
      Float32Array.from({ length: 256 * channels }, (_, at) => normalize(at & 255, at >> 8));
    return {
      draw: drawNothing,
      apply(sample) {
        const { channels, data: from } = sample.image;
        const data = new Float32Array(from.length);
        const known = normalizeAll(channels);
        for (let at = 0, c = 0; at < from.length; at++, c = c + 1 === channels ? 0 : c + 1) {
          const value = from[at]!;
          const whole = value | 0;
          data[at] = whole === value && whole >= 0 && whole < 256 ? known[256 * c + whole]! : normalize(value, c);
        }
        return { ...sample, image: { ...sample.image, data } };
      },
      toPlanes({ channels, data: from }) {
        const planes = new Float32Array(from.length);
        const known = normalizeAll(channels);
        for (let c = 0, to = 0; c < channels; c++)
          for (let at = c; at < from.length; at += channels, to++) planes[to] = known[256 * c + from[at]!]!;
        return planes;
      },
    };
  },
});
