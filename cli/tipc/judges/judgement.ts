import type { EngineReport } from '../../../harness/contract/engine-report.js';
import type { Artefact, StepCheck } from '../../../harness/result.js';

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
  return { name, verdict: holds ? 'pass' : 'fail', found, because };
}

/** The device that computed is the one that was asked for. */
export function checkDevice({ device, engine, provider }: EngineReport, asked: 'cpu' | 'gpu' | 'auto'): StepCheck {
  return check(
    'device',
    asked === 'auto' || device === asked,
    `${engine} computed on the ${device} (${provider}); ${asked === 'auto' ? 'any' : `the ${asked}`} was asked for`,
  );
}
