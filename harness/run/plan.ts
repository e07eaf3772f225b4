import type { SuiteLimits } from '../config/suite.js';
import type { Bundle, GoldenProbe } from '../golden/bundle.js';
import type { EvalGolden } from '../golden/read-eval-golden.js';
import type { PortTarget } from '../hosts/resolve-port.js';
import { evalFigures } from '../metrics/eval-figures.js';
import { cannot, UserError } from '../support/errors.js';
import { globPattern } from '../support/glob.js';
import { renderCount } from '../support/render-count.js';
import type { EarlyStart } from './early-start.js';
import type { Evaluator } from './evaluator.js';
import { type StartOptions, startOptions } from './start-host.js';
import { listTrainingTargets, type TrainingTarget } from './training-targets.js';

/** What is to be run. It is written before any port starts, so a part that does not run is seen to be missing. */
export interface Plan extends StartOptions {
  readonly cases: readonly PlannedCase[];
  /** Of data sets; each port runs its own after its cases. */
  readonly evaluations: readonly PlannedEvaluation[];
  /** A port that was started beforehand with the same options. */
  readonly early: EarlyStart | null;
  readonly partial: boolean;
  readonly limits: SuiteLimits | null;
  /** How often a bundle of inference is run. */
  readonly runs: number;
}

/** One port on one bundle. */
export interface PlannedCase {
  readonly id: string;
  readonly phase: 'infer' | 'train';
  readonly port: PortTarget;
  readonly bundle: Bundle;
  /** The probes asked for, in file order. Empty for a train bundle. */
  readonly probes: readonly GoldenProbe[];
  /** What is asked of a train bundle. Empty for an infer bundle. */
  readonly targets: readonly TrainingTarget[];
}

/** One port on one data set. */
export interface PlannedEvaluation {
  readonly id: string;
  readonly phase: 'eval';
  readonly port: PortTarget;
  readonly golden: EvalGolden;
  readonly evaluator: Evaluator;
}

export interface PlanRequest extends Partial<StartOptions> {
  readonly ports: readonly PortTarget[];
  readonly bundles: readonly Bundle[];
  readonly evaluations?: { readonly goldens: readonly EvalGolden[]; readonly evaluator: Evaluator };
  /** Globs over probe names: `*` for any characters, `?` for one. A probe that matches any of them is judged. */
  readonly only?: string | readonly string[];
  readonly early?: EarlyStart;
  readonly limits?: SuiteLimits | null;
  readonly runs?: number;
}

/** Throws a UserError if nothing would be compared: no port, no bundle, or an `only` that matches no probe. */
export function planRun(request: PlanRequest): Plan {
  if (request.ports.length === 0) throw new UserError('Cannot plan a run: no port is given; at least one is wanted');
  const { goldens = [], evaluator } = request.evaluations ?? {};
  if (request.bundles.length + goldens.length === 0)
    throw new UserError('Cannot plan a run: no bundle is given; at least one is wanted');
  for (const golden of goldens) validateFigures(golden);
  const { runs = 1 } = request;
  const trained = runs === 1 ? undefined : request.bundles.find(({ phase }) => phase === 'train');
  if (trained !== undefined)
    throw cannot('run', `${trained.id} ${runs} times`, 'it is a bundle of training', 'one of inference is wanted');
  const ids = uniqueIds(request.bundles);
  return {
    cases: request.ports.flatMap((port) =>
      request.bundles.map((bundle, at) => ({
        id: `${port.name}/${ids[at]}`,
        phase: bundle.phase,
        port,
        bundle,
        probes: select(bundle, bundle.probes, request.only),
        targets: select(bundle, bundle.train === null ? [] : listTrainingTargets(bundle.train), request.only),
      })),
    ),
    evaluations: request.ports.flatMap((port) =>
      goldens.map((golden) => ({
        id: `${port.name}/${golden.id}`,
        phase: 'eval' as const,
        port,
        golden,
        evaluator: evaluator!,
      })),
    ),
    ...startOptions(request),
    early: request.early ?? null,
    partial: request.only !== undefined,
    limits: request.limits ?? null,
    runs,
  };
}

/** A figure that one of them lacks would be compared with nothing. */
function validateFigures({ id, folder, modes }: EvalGolden): void {
  const wanted = evalFigures.map(({ name }) => name);
  for (const { name, metrics } of modes) {
    const is = Object.keys(metrics);
    if (is.length === wanted.length && wanted.every((figure) => is.includes(figure))) continue;
    const found = `mode ${name} of ${folder}/golden.json has the figures ${is.join(', ')}`;
    throw cannot('judge by', id, found, `${wanted.join(', ')} are wanted (docs/eval-goldens.md)`);
  }
}

/** Of a bundle's probes or targets: it has one or the other. */
function select<P extends { readonly name: string }>(
  bundle: Bundle,
  probes: readonly P[],
  only: string | readonly string[] | undefined,
): readonly P[] {
  if (only === undefined || probes.length === 0) return probes;
  const globs = [only].flat().map((glob) => ({ glob, pattern: globPattern(glob) }));
  const selected = probes.filter((probe) => globs.some(({ pattern }) => pattern.test(probe.name)));
  const idle = globs.find(({ pattern }) => !probes.some((probe) => pattern.test(probe.name)));
  if (idle !== undefined) {
    throw new UserError(
      `Cannot judge ${bundle.id} with --only '${idle.glob}': it matches none of its ${renderCount(probes.length, 'probe')}; a glob that matches at least one is wanted. Fix: npx tipcheck list ${bundle.folder}`,
    );
  }
  return selected;
}

/** Ids of bundles, made unique: two folders may hold bundles of one id. */
function uniqueIds(bundles: readonly Bundle[]): string[] {
  const seen = new Map<string, number>();
  return bundles.map(({ id }) => {
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return count === 1 ? id : `${id}#${count}`;
  });
}
