import { scaleSample, scaleSize } from '../augment/resize-sample.js';
import { defineTransform } from '../augment/transform.js';
import { argumentError, numberAbove, numberWithin } from '../yml/arguments.js';

interface Values {
  readonly min_scale_factor: number;
  readonly max_scale_factor: number;
  readonly scale_step_size: number;
}

/**
 * Scales image and label by one of equally spaced factors, each as likely; by any factor between the two where the step
 * is 0. The size before is not remembered. Source: ResizeStepScaling of PaddleSeg 2.8.0.
 */
export const transform = defineTransform<Values, { readonly scale: number }>({
  type: 'ResizeStepScaling',
  arguments: {
    min_scale_factor: numberAbove(0, 0.75),
    max_scale_factor: numberAbove(0, 1.25),
    scale_step_size: numberWithin(0, Number.MAX_VALUE, 0.25),
  },
  create({ min_scale_factor: min, max_scale_factor: max, scale_step_size: step }, section) {
    if (min > max) throw argumentError(section, 'min_scale_factor', `at most max_scale_factor, ${max},`);
    const factors = step === 0 ? [] : listFactors(min, max, step);
    return {
      draw(_, random) {
        if (min === max) return { scale: min };
        return { scale: step === 0 ? random.uniform(min, max) : factors[random.below(factors.length)]! };
      },
      apply: (sample, { scale }) => scaleSample(sample, scale),
      smallest: (size) => scaleSize(size, min),
    };
  },
});

/** numpy.linspace over as many steps as fit, which reaches `max` whatever the step. */
function listFactors(min: number, max: number, step: number): number[] {
  const count = Math.trunc((max - min) / step + 1);
  const spacing = (max - min) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i > 0 && i === count - 1 ? max : i === 0 ? min : min + i * spacing));
}
