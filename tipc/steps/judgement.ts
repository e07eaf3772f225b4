import type { EngineReport } from '../../harness/contract/engine-report.js';
import { isWithin, type Measured } from '../../harness/result/record/case-result.js';
import type { Artefact, StepCheck } from '../../harness/result/record/tipc-run.js';

/** What a step that ended well was found to have done. */
export interface Judgement {
  readonly engine: EngineReport | null;
  readonly checks: readonly StepCheck[];
  readonly figures: Readonly<Record<string, number>>;
  readonly artefacts: readonly Artefact[];
  /** What makes the step say less than it seems to. */
  readonly observed?: readonly string[];
}

export function check(name: string, holds: boolean, found: string, because: string | null = null): StepCheck {
  return { name, verdict: holds ? 'pass' : 'fail', found, because, kind: null, figures: [] };
}

/** A check that holds figures to the limits of their kind. What else it wants, `holds` says. */
export function checkFigures(name: string, measured: Measured, holds: boolean, found: string): StepCheck {
  const { figures } = measured;
  const because = figures.find((figure) => figure.because !== null)?.because ?? null;
  return { ...check(name, holds && isWithin(measured), found, because), ...measured };
}

/** The device that computed is the one that was asked for. */
export function checkDevice({ device, engine, provider }: EngineReport, asked: 'cpu' | 'gpu' | 'auto'): StepCheck {
  return check(
    'device',
    asked === 'auto' || device === asked,
    `${engine} computed on the ${device} (${provider}); ${asked === 'auto' ? 'any' : `the ${asked}`} was asked for`,
  );
}
