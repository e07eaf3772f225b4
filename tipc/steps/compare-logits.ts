import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import { parseNpy } from '../../harness/golden/npy.js';
import { figuresOf, kindNamed } from '../../harness/kinds/index.js';
import { judgeAgreement } from '../../harness/metrics/agreement.js';
import { measureLabelFlips } from '../../harness/metrics/label-flips.js';
import { measureTensorError } from '../../harness/metrics/tensor-error.js';
import { largestTimesNoise, timesNoise } from '../../harness/result/record/case-result.js';
import type { StepCheck } from '../../harness/result/record/tipc-run.js';
import { readPlain } from '../../harness/support/plain-file.js';
import { checkFigures } from './judgement.js';

const parity = kindNamed('parity');
const classes = kindNamed('parity-classes');

export interface ComparedLogits {
  /** Paths of .npy files, [c, h, w], an image each. */
  readonly actual: readonly string[];
  readonly expected: readonly string[];
  /** `expected` again with weights and pixels moved, a list for each draw. */
  readonly rounded: readonly (readonly string[])[];
}

/** Whether two engines give the same logits, and where their classes differ, whether that can be. */
export async function compareLogits(name: string, { actual, expected, rounded }: ComparedLogits) {
  let worst = { ratio: -1, text: 'nothing was compared' };
  let largest = -1;
  let agrees = actual.length > 0 && actual.length === expected.length && rounded.length > 0;
  const flips = { pixels: 0, changed: 0, unexplained: 0, unknown: 0 };
  for (const [at, path] of actual.entries()) {
    const found = await readLogits(path);
    const wanted = await readLogits(expected[at]!);
    const noise = { relRms: 0, maxOverRms: 0 };
    for (const draw of rounded) {
      const moved = measureTensorError((await readLogits(draw[at]!)).data, wanted.data, null);
      noise.relRms = Math.max(noise.relRms, moved.relRms);
      noise.maxOverRms = Math.max(noise.maxOverRms, moved.maxOverRms);
    }
    const judged = judgeAgreement(measureTensorError(found.data, wanted.data, null), noise, parity.limits);
    const isQuiet = parity.isInformative(noise.relRms);
    agrees &&= judged.agrees && isQuiet && found.shape.join() === wanted.shape.join();
    const ratio = (isQuiet ? timesNoise(judged) : null) ?? Number.POSITIVE_INFINITY;
    largest = Math.max(largest, (isQuiet ? largestTimesNoise(judged) : null) ?? Number.POSITIVE_INFINITY);
    if (ratio > worst.ratio)
      worst = {
        ratio,
        text: isQuiet
          ? (judged.reason ??
            `error ${ratio.toFixed(2)} × the noise of ${noise.relRms.toExponential(1)} in rms, ${largestTimesNoise(judged)?.toFixed(2)} × in the largest element`)
          : `rounding alone moves them by ${(100 * noise.relRms).toPrecision(2)} %, so that nothing can be told; at most 0.1 % is wanted`,
      };
    const meaning = measureLabelFlips(found.data, wanted.data, [1, ...wanted.shape]);
    if (meaning === null) flips.unknown++;
    flips.pixels += meaning?.pixels ?? 0;
    flips.changed += meaning?.changed ?? 0;
    flips.unexplained += meaning?.unexplained ?? 0;
  }
  const found = worst.ratio < 0 ? {} : { rms: worst.ratio, largest };
  const known = flips.unknown === 0 && flips.pixels > 0 ? flips : {};
  const checks: StepCheck[] = [
    checkFigures(
      name,
      { kind: parity.name, figures: figuresOf(parity, found) },
      agrees,
      `${worst.text}, over ${actual.length} pictures`,
    ),
    checkFigures(
      'classes',
      { kind: classes.name, figures: figuresOf(classes, { ...known }) },
      agrees,
      `${flips.changed} of ${flips.pixels} pixels changed class, ${flips.unexplained} of them without a reason`,
    ),
  ];
  return { checks, figures: Number.isFinite(worst.ratio) ? { 'logits (× noise)': worst.ratio } : {} };
}

export async function readLogits(path: string): Promise<Float32NdArray> {
  return parseNpy(await readPlain(path), path) as Float32NdArray;
}
