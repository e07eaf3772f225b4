import { type AlignmentStep, alignmentSteps, kindNamed } from '../../kinds/index.js';
import { findFault } from '../../result/find-fault.js';
import type { CaseResult, Figure, Measurement } from '../../result/record/case-result.js';
import type { Result } from '../../result/record/result.js';
import { groupBy } from '../../support/group.js';

/** One port, by Paddle's five steps. */
export interface PortAlignment {
  readonly port: string;
  readonly cases: readonly CaseResult[];
  readonly steps: readonly StepAlignment[];
}

export interface StepAlignment {
  readonly name: AlignmentStep;
  /** `error`: the port could not run. `not-judged`: no golden of this step ran, or none says anything of the port. */
  readonly state: 'aligned' | 'differs' | 'error' | 'not-judged';
  /** Measurements that were held against a limit. */
  readonly compared: number;
  /** Those whose golden says nothing: its noise reaches the limit. */
  readonly uninformative: number;
  /** Failures that a waiver lets through. The step differs all the same. */
  readonly waived: number;
  /** The figure that is nearest to its limit, or the furthest above it. */
  readonly worst: { readonly bundle: string; readonly probe: string; readonly figure: Figure } | null;
  readonly fault: StepFault | null;
}

export interface StepFault {
  readonly bundle: string;
  /** Null where no probe can be named: the port could not run. */
  readonly probe: string | null;
  /** The figure that is above its limit; null where the reason is another. */
  readonly figure: Figure | null;
  /** Whether that is the error which the layer makes on its own. */
  readonly isOwn: boolean;
  /** In English, as the judge gave it. */
  readonly reason: string;
}

/** The five steps of each port of a result, in the result's order. */
export function arrangeAlignment({ cases }: Result): readonly PortAlignment[] {
  return groupBy(cases, ({ port }) => port).map((own) => ({
    port: own[0]!.port,
    cases: own,
    steps: alignmentSteps.map((name) => arrangeStep(name, own)),
  }));
}

function arrangeStep(name: AlignmentStep, cases: readonly CaseResult[]): StepAlignment {
  const parts = cases.map((found) => ({ found, own: found.measurements.filter((one) => stepOf(one) === name) }));
  const all = parts.flatMap(({ found: { bundle }, own }) => own.map((measurement) => ({ bundle, measurement })));
  const failing = parts.filter(({ own }) => own.some(isFailing));
  // A file may fail as a whole, as one of which too little was found.
  const whole = cases.find((found) => isFailingWhole(found) && stepOfWhole(found) === name);
  const crashed = cases.find((found) => hasNotRun(found) && phaseOf(name) === found.phase);
  const [ended = null] = [whole, crashed].flatMap((found) => (found === undefined ? [] : [wholeOf(found)]));
  const fault = failing.length > 0 ? faultOf(failing[0]!) : ended;
  const tells = all.some(({ measurement: { kind, verdict } }) => verdict === 'pass' && kindNamed(kind).tells);
  const judged = all.filter(({ measurement: { verdict } }) => verdict === 'pass' || verdict === 'fail');
  return {
    name,
    state:
      failing.length > 0 || whole !== undefined
        ? 'differs'
        : crashed !== undefined
          ? 'error'
          : tells
            ? 'aligned'
            : 'not-judged',
    compared: judged.length,
    uninformative: all.filter(({ measurement: { verdict } }) => verdict === 'uninformative').length,
    waived: all.filter(({ measurement: { waived } }) => waived !== undefined).length,
    worst: worstOf(judged),
    fault,
  };
}

function stepOf({ kind }: Measurement): AlignmentStep | null {
  return kindNamed(kind).step;
}

/** Which phase of a case judges a step. */
function phaseOf(name: AlignmentStep): CaseResult['phase'] {
  if (name === 'forward') return 'infer';
  return name === 'metric' ? 'eval' : 'train';
}

/** A crash that is waived counts, too: nothing was compared. */
function hasNotRun({ measurements }: CaseResult): boolean {
  return measurements.length === 0;
}

/** A case that fails though no probe of it does. */
function isFailingWhole({ verdict, measurements }: CaseResult): boolean {
  return verdict === 'fail' && measurements.length > 0 && !measurements.some(isFailing);
}

function stepOfWhole({ phase }: CaseResult): AlignmentStep {
  if (phase === 'infer') return 'forward';
  return phase === 'eval' ? 'metric' : 'training';
}

function isFailing({ verdict, own }: Measurement): boolean {
  return verdict === 'fail' || verdict === 'missing' || own?.verdict === 'fail';
}

/** The likely cause among the measurements of one step. */
function faultOf({ found, own }: { readonly found: CaseResult; readonly own: readonly Measurement[] }): StepFault {
  const cause = findFault(own);
  const failing = own.filter(isFailing);
  const measurement = failing.find(({ name }) => name === cause?.name) ?? failing[0]!;
  const isOwn = measurement.own?.verdict === 'fail';
  const measured = isOwn ? measurement.own! : measurement;
  return {
    bundle: found.bundle,
    probe: measurement.name,
    figure: measured.figures.find(isBeyond) ?? null,
    isOwn,
    reason: measured.reason ?? 'no reason given',
  };
}

function wholeOf({ bundle, reason, shipped }: CaseResult): StepFault {
  const why = reason ?? shipped?.logits.reason ?? 'no reason given';
  return { bundle, probe: null, figure: null, isOwn: false, reason: why };
}

function isBeyond({ value, limit }: Figure): boolean {
  return limit !== null && value !== null && value > limit;
}

function worstOf(judged: readonly { readonly bundle: string; readonly measurement: Measurement }[]) {
  let worst: StepAlignment['worst'] = null;
  for (const { bundle, measurement } of judged)
    for (const figure of [...measurement.figures, ...(measurement.own?.figures ?? [])])
      if (shareOf(figure) > (worst === null ? -1 : shareOf(worst.figure)))
        worst = { bundle, probe: measurement.name, figure };
  return worst;
}

/** How much of its limit a figure takes up; −1 where it has no limit or no value. */
function shareOf({ value, limit }: Figure): number {
  if (value === null || limit === null) return -1;
  return limit === 0 ? (value === 0 ? 0 : Number.POSITIVE_INFINITY) : value / limit;
}
