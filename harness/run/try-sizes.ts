import type { SizeTrial } from '../contract/size-trial.js';
import type { GoldenProbe } from '../golden/bundle.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import { figuresOf, kindNamed } from '../kinds/index.js';
import { effectiveNoise, isInformative } from '../metrics/agreement.js';
import { isWithin, type TriedSize } from '../result/record/case-result.js';
import { EnvironmentError, messageOf, UserError } from '../support/errors.js';
import { renderTimes } from '../support/figures.js';
import { isOfFile } from './find-probes.js';
import type { PlannedCase } from './plan.js';

const batch = kindNamed('batch');

/**
 * Has a file run at the sizes that it declares as free, beside the bundle's; nothing where it declares none.
 * @param outputs of the bundle, that were asked for
 */
export async function trySizes(
  host: PortHost,
  { port, bundle }: PlannedCase,
  outputs: readonly GoldenProbe[],
): Promise<readonly TriedSize[]> {
  if (!isOfFile(port) || outputs.length === 0) return [];
  const telling = outputs.filter((golden) => golden.valid === null && isInformative(golden, batch));
  const limited = telling.map((golden) => ({ name: golden.name, limits: limitsOf(golden) }));
  const image = bundle.inputs.get('image')?.shape ?? [];
  try {
    const tried = await host.trySizes({ inputs: bundle.inputs, draws: bundle.draws, outputs: limited });
    return tried.map((one) => judgeSize(one, telling));
  } catch (error) {
    const lost = judgeLost(error, host);
    if (lost === null) throw error;
    return [{ what: 'size', image, ...lost, apart: null }];
  }
}

/**
 * The verdict of a trial that broke off, beside which all that was measured before stays; null: it says nothing. A file
 * that ends its process at a size that it declares does not run there.
 */
function judgeLost(error: unknown, { alive }: PortHost): Pick<TriedSize, 'verdict' | 'reason'> | null {
  const isOfFile = error instanceof UserError || (error instanceof EnvironmentError && !alive);
  return isOfFile ? { verdict: 'fail', reason: `the run at another size broke off: ${messageOf(error)}` } : null;
}

function noiseOf({ noise, rms, value }: GoldenProbe) {
  return effectiveNoise(noise, { rms, maxAbsExpected: value.reduce((most, one) => Math.max(most, Math.abs(one)), 0) });
}

function limitsOf(golden: GoldenProbe) {
  const { relRms, maxOverRms } = noiseOf(golden);
  const [rms, largest] = batch.limits;
  return { relRms: rms!.limit! * relRms, maxOverRms: largest!.limit! * maxOverRms };
}

/** The worst of a batch's outputs counts. */
function judgeSize(
  { what, image, untried, fault, outputs, node }: SizeTrial,
  goldens: readonly GoldenProbe[],
): TriedSize {
  const tried = { what, image };
  if (untried !== null) return { ...tried, verdict: 'not-tried', reason: untried, apart: null };
  const all = outputs.map(({ name, relRms, maxOverRms }) => {
    const noise = noiseOf(goldens.find((golden) => golden.name === name)!);
    const values = { rms: relRms / noise.relRms, largest: maxOverRms / noise.maxOverRms };
    return { name, kind: batch.name, figures: figuresOf(batch, values) };
  });
  const reach = ({ figures }: (typeof all)[number]) => figures[0]!.value ?? Number.POSITIVE_INFINITY;
  const worst = all.find((one) => !isWithin(one)) ?? [...all].sort((a, b) => reach(b) - reach(a))[0] ?? null;
  const apart = worst && { kind: worst.kind, figures: worst.figures };
  const place = node === null ? '' : `; it begins at ${node}`;
  if (fault !== null) return { ...tried, verdict: 'fail', reason: `${fault}${place}`, apart };
  if (what === 'batch' && worst === null)
    return { ...tried, verdict: 'not-tried', reason: 'none of its outputs was compared', apart };
  if (worst === null || isWithin(worst)) return { ...tried, verdict: 'pass', reason: null, apart };
  const [rms, largest] = worst.figures;
  const far = `${renderTimes(rms!.value)} noise apart (at most ${rms!.limit} × is wanted), the largest ${renderTimes(largest!.value)} (${largest!.limit} ×)`;
  return { ...tried, verdict: 'fail', reason: `${worst.name} of it and of single runs are ${far}${place}`, apart };
}

/** Why a case does not pass that declares a size as free with which it does not run; null: it does. */
export function findFailingSize(sizes: readonly TriedSize[] = []): string | null {
  const failing = sizes.find(({ verdict }) => verdict === 'fail');
  return failing === undefined ? null : `the file declares free sizes, and fails at ${explainSize(failing)}`;
}

/** `a batch of two, [2, 3, 64, 128]: …` */
function explainSize({ what, image, reason }: TriedSize): string {
  return `${what === 'batch' ? 'a batch of two' : 'a larger image'}, [${image.join(', ')}]: ${reason}`;
}
