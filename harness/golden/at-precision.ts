import { cannot } from '../support/errors.js';
import type { Bundle, GoldenProbe, GoldenTraining, Precision } from './bundle.js';
import { caseOf } from './bundle-files.js';

/**
 * The bundle with the noise of a precision, where one is asked for, in place of float32's. So each limit is the same
 * multiple of it (CONTRACT, section 4, `noise_at`). Throws a UserError where a probe or a loss has none.
 */
export function atPrecision(bundle: Bundle, precision: Precision | undefined): Bundle {
  if (precision === undefined) return bundle;
  const of = noisesAt(bundle, precision);
  return { ...bundle, precision, probes: bundle.probes.map(of.probe), train: bundle.train && of.train(bundle.train) };
}

function noisesAt({ id, folder }: Bundle, precision: Precision) {
  const found = <N>(noiseAt: ReadonlyMap<Precision, N>, name: string): N => {
    const noise = noiseAt.get(precision);
    if (noise !== undefined) return noise;
    const is = `${caseOf(folder)} has no noise_at of ${precision} for ${name}`;
    const fix = `python -m oracle add-precision ${folder} --precision ${precision} (docs/precision.md)`;
    throw cannot('judge', `by ${precision} on ${id}`, is, 'the noise of each probe and loss is wanted', fix);
  };
  const probe = (golden: GoldenProbe): GoldenProbe => ({ ...golden, ...found(golden.noiseAt, golden.name) });
  const train = (training: GoldenTraining): GoldenTraining => {
    const { lr, loss, grads, params, buffers } = training.expect;
    const losses = loss.map((golden, at) => ({ ...golden, noise: found(golden.noiseAt, `loss/${at}`) }));
    const probes = { grads: grads.map(probe), params: params.map(probe), buffers: buffers.map(probe) };
    return { ...training, expect: { lr, loss: losses, ...probes } };
  };
  return { probe, train };
}
