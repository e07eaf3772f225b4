import { UserError } from '../../harness/support/errors.js';
import { suggest } from '../../harness/support/suggest.js';
import type { TipcMetrics } from './metrics-file.js';
import type { Metrics } from './segmentation-metrics.js';

/** One number of a reference, and what was found for it. */
export interface JudgedMetric {
  /** `mIoU`, or `Class IoU 3`. */
  readonly name: string;
  readonly actual: number;
  readonly expected: number;
  readonly difference: number;
  /** atol + rtol · |actual|. */
  readonly allowed: number;
  readonly agrees: boolean;
}

/**
 * Every number of a reference, those of classes too, and none that is not finite passes.
 * Source: testing_assert_allclose of compare_results.py: the tolerance is relative to the prediction's metric.
 * Differs: there class metrics are skipped, and 5 of 5000 pictures may be missing.
 * @throws UserError for a metric that is not known, or of another number of classes
 */
export function judgeMetrics(
  actual: Metrics,
  { source, values }: TipcMetrics,
  atol: number,
  rtol: number,
): JudgedMetric[] {
  return [...values].flatMap(([name, expected]) => {
    const found = actual.get(name);
    if (found === undefined)
      throw new UserError(
        `Cannot compare with ${source}: it has the metric ${name}; one of ${[...actual.keys()].join(', ')} is wanted.${suggest(name, [...actual.keys()])}`,
      );
    const [ours, theirs] = [[found].flat(), [expected].flat()];
    if (ours.length !== theirs.length)
      throw new UserError(
        `Cannot compare with ${source}: its ${name} has ${theirs.length} numbers; ${ours.length} are wanted, as many as classes. Fix: --num_classes ${theirs.length}`,
      );
    return theirs.map((value, at) =>
      judgeNumber(
        theirs.length === 1 && typeof expected === 'number' ? name : `${name} ${at}`,
        ours[at]!,
        value,
        atol,
        rtol,
      ),
    );
  });
}

function judgeNumber(name: string, actual: number, expected: number, atol: number, rtol: number): JudgedMetric {
  const difference = actual - expected;
  // How many pictures there were is not a measurement.
  const allowed = name === '#Images' ? 0 : atol + rtol * Math.abs(actual);
  // NaN is not agreement.
  return { name, actual, expected, difference, allowed, agrees: Math.abs(difference) <= allowed };
}
