/**
 * Pixels by label and prediction: `counts[label · classes + prediction]`. Ignored pixels, and labels that are not a
 * class, are not counted.
 */
export interface Confusion {
  readonly classes: number;
  readonly counts: Float64Array;
}

export function newConfusion(classes: number): Confusion {
  return { classes, counts: new Float64Array(classes * classes) };
}

/** Rows are labels, columns predictions. */
export function confusionOf(rows: readonly (readonly number[])[]): Confusion {
  return { classes: rows.length, counts: Float64Array.from(rows.flat()) };
}

/** The sum over images. */
export function sumConfusions(classes: number, parts: Iterable<Confusion>): Confusion {
  const sum = newConfusion(classes);
  for (const { counts } of parts) for (let i = 0; i < counts.length; i++) sum.counts[i]! += counts[i]!;
  return sum;
}

export function sameConfusion(actual: Confusion, expected: Confusion): boolean {
  return (
    actual.counts.length === expected.counts.length && actual.counts.every((count, at) => count === expected.counts[at])
  );
}

/**
 * Intersection over union of each class.
 * Range: 0 to 1; null for a class that neither labels nor predictions have; NaN if a count is NaN.
 * Source: paddleseg/utils/metrics.py. Differs: there such a class has a number; see `meanIou`.
 */
export function classIou({ classes, counts }: Confusion): (number | null)[] {
  return Array.from({ length: classes }, (_, at) => {
    let labels = 0;
    let predictions = 0;
    for (let other = 0; other < classes; other++) {
      labels += counts[at * classes + other]!;
      predictions += counts[other * classes + at]!;
    }
    const both = counts[at * classes + at]!;
    const either = labels + predictions - both;
    return either === 0 ? null : both / either;
  });
}

/** Pixels of each class: of the labels, of the predictions, and of both. */
export function countPixels({
  classes,
  counts,
}: Confusion): Readonly<Record<'labels' | 'predictions' | 'hits', number[]>> {
  const at = Array.from({ length: classes }, (_, i) => i);
  const sumOf = (count: (other: number) => number) => at.reduce((total, other) => total + count(other), 0);
  return {
    labels: at.map((i) => sumOf((j) => counts[i * classes + j]!)),
    predictions: at.map((i) => sumOf((j) => counts[j * classes + i]!)),
    hits: at.map((i) => counts[i * classes + i]!),
  };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Of nothing: 0. */
export function shareOr0(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/**
 * What a class that is in neither labels nor predictions counts in a mean: 1 in PaddleSeg's repository (commit
 * d7975e7c), 0 in its release 2.8.0; `skip` leaves it out, as most other tools do.
 */
export type AbsentClass = 1 | 0 | 'skip';

/** The mean IoU over all classes. */
export function meanIou(confusion: Confusion, absent: AbsentClass): number {
  const ious = classIou(confusion).flatMap((iou) => iou ?? (absent === 'skip' ? [] : [absent]));
  return ious.reduce((sum, iou) => sum + iou, 0) / ious.length;
}
