import { isOfUser, type PortTarget } from '../hosts/resolve-port.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import { runComparatorSelfTest } from '../metrics/comparator-self-test.js';
import type { CaseResult, Timing } from '../result/record/case-result.js';
import type { Verdict } from '../result/record/verdict.js';
import { EnvironmentError, messageOf, UserError } from '../support/errors.js';
import { explainSystem } from '../support/explain-system.js';
import { describeModel } from './describe-model.js';
import { executeCase } from './execute.js';
import { executeEvaluation } from './execute-evaluation.js';
import { executeTraining } from './execute-training.js';
import { describeIgnored } from './find-ignored.js';
import { judgeCase, ownErrorJudge } from './judge.js';
import { judgeEvaluation } from './judge-evaluation.js';
import { judgeTraining } from './judge-training.js';
import type { Plan, PlannedCase, PlannedEvaluation } from './plan.js';
import { startHost } from './start-host.js';
import { validateFit } from './validate-fit.js';

/** What a run reports as it goes on, for progress lines. */
export interface RunListener {
  /** Awaited before a port's first case. An EnvironmentError from it is the error of each of the port's cases. */
  onPortStart?(port: PortTarget): void | Promise<void>;
  onPhase?(planned: Planned, phase: string): void;
  onCase?(result: CaseResult): void;
  /** Of a plan, however it ends. */
  onEnd?(): void;
}

/** What ends as a CaseResult. */
export type Planned = PlannedCase | PlannedEvaluation;

/**
 * Runs a plan: each port in a process of its own, started again after a crash, its bundles one after the other. Every
 * planned case ends as a CaseResult. Rejects with a UserError only if a port says that what the user gave cannot be
 * used.
 */
export async function runPlan(plan: Plan, listener: RunListener = {}): Promise<CaseResult[]> {
  runComparatorSelfTest();
  const results: CaseResult[] = [];
  const all: readonly Planned[] = [...plan.cases, ...plan.evaluations];
  try {
    for (const port of new Set(all.map((planned) => planned.port))) {
      const cases = all.filter((planned) => planned.port === port);
      for await (const result of runPort(plan, port, cases, listener)) {
        results.push(result);
        listener.onCase?.(result);
      }
    }
  } finally {
    listener.onEnd?.();
  }
  return results;
}

async function* runPort(plan: Plan, port: PortTarget, cases: readonly Planned[], listener: RunListener) {
  let host: PortHost | null = null;
  let ready: Promise<void> | null = null;
  try {
    for (const [at, planned] of cases.entries()) {
      let found: CaseResult;
      try {
        ready ??= Promise.resolve(listener.onPortStart?.(port));
        await ready;
        const startedAt = performance.now();
        if (host?.alive !== true) {
          await host?.close();
          host = await (plan.early?.take(port) ?? startHost(plan, port));
        }
        const startMs = performance.now() - startedAt;
        found = await runCase(plan, planned, host, startMs, listener);
        if (at === cases.length - 1 || mayRemember(planned, host)) {
          const wrong = await host.close();
          if (wrong !== null) found = failedCase(planned, wrong, host);
          host = null;
        }
      } catch (error) {
        if (error instanceof UserError) throw error;
        found = failedCase(planned, describeFailure(error), host);
        await host?.close();
        host = null;
      }
      yield found;
    }
  } finally {
    await host?.close();
  }
}

/**
 * A foreign program that was shown goldens must not give them as answers in the next case. Built-in code and ONNX files
 * keep none.
 */
function mayRemember(planned: Planned, { started }: PortHost): boolean {
  return isOfUser(planned.port) && planned.phase === 'infer' && started.capabilities.includes('replace');
}

async function runCase(
  plan: Plan,
  planned: Planned,
  host: PortHost,
  startMs: number,
  listener: RunListener,
): Promise<CaseResult> {
  const onPhase = (phase: string) => listener.onPhase?.(planned, phase);
  const { timing, ...judged } = await executeAndJudge(plan, planned, host, onPhase);
  return { ...identityOf(planned), engine: host.started.report, ...judged, timing: { startMs, ...timing } };
}

function executeAndJudge(plan: Plan, planned: Planned, host: PortHost, onPhase: (phase: string) => void) {
  if (planned.phase !== 'eval') {
    validateFit(host, planned);
  }
  switch (planned.phase) {
    case 'eval':
      return evaluateAndJudge(plan, planned, host, onPhase);
    case 'infer':
      return inferAndJudge(plan, planned, host, onPhase);
    case 'train':
      return trainAndJudge(plan, planned, host, onPhase);
  }
}

async function evaluateAndJudge(
  plan: Plan,
  { golden, evaluator }: PlannedEvaluation,
  host: PortHost,
  onPhase: (phase: string) => void,
) {
  if (plan.limits === null) throw new Error('an evaluation was planned without the limits of a suite');
  const execution = await executeEvaluation(host, golden, evaluator, onPhase);
  return { ...judgeEvaluation(golden, execution, plan.limits), meaning: null, timing: execution.timing };
}

async function inferAndJudge(plan: Plan, planned: PlannedCase, host: PortHost, onPhase: (phase: string) => void) {
  const execution = await executeCase(host, planned, onPhase, ownErrorJudge(planned, plan.limits), plan.runs);
  const { meaning, timing, ignored } = execution;
  const replaced = describeIgnored(ignored);
  const { report } = host.started;
  const engine = replaced === null ? report : { ...report, details: { ...report.details, replaced } };
  return { ...judgeCase(planned, execution, plan.limits), meaning, timing, engine };
}

async function trainAndJudge(plan: Plan, planned: PlannedCase, host: PortHost, onPhase: (phase: string) => void) {
  const training = planned.bundle.train;
  if (training === null) throw new Error(`${planned.bundle.id} is a train bundle without training`);
  const execution = await executeTraining(host, planned, training, onPhase);
  return { ...judgeTraining(planned, training, execution, plan.limits), meaning: null, timing: execution.timing };
}

function failedCase(planned: Planned, reason: string, host: PortHost | null): CaseResult {
  const verdict: Verdict = 'error';
  return {
    ...identityOf(planned),
    verdict,
    reason: nameBundle(reason, planned),
    engine: host?.started.report ?? null,
    firstFault: null,
    firstFaultBy: null,
    fault: null,
    measurements: [],
    shipped: null,
    meaning: null,
    timing: nothingTimed,
  };
}

/** A port's process does not know which bundle it is asked about. */
function nameBundle(reason: string, planned: Planned): string {
  const start = `Cannot run port ${planned.port.name}: `;
  const { bundle } = identityOf(planned);
  return reason.startsWith(start)
    ? `Cannot run port ${planned.port.name} on ${bundle}: ${reason.slice(start.length)}`
    : reason;
}

function identityOf(planned: Planned) {
  const { id, port } = planned;
  return { id, port: port.name, ...(planned.phase === 'eval' ? describeGolden(planned) : describeBundle(planned)) };
}

function describeGolden({ golden: { id, images, madeBy, sha256 } }: PlannedEvaluation) {
  const [first] = images;
  return {
    bundle: id,
    phase: 'eval' as const,
    model: typeof madeBy.model === 'string' ? madeBy.model : 'unknown',
    inputShape: [1, 3, first?.height ?? 0, first?.width ?? 0],
    goldens: { madeBy: String(madeBy.framework ?? madeBy.generator ?? 'unknown'), caseSha256: sha256 },
  };
}

function describeBundle({ bundle }: PlannedCase) {
  const { madeBy } = bundle;
  const [first] = bundle.inputs.values();
  return {
    bundle: bundle.id,
    phase: bundle.phase,
    model: describeModel(bundle.model),
    inputShape: (bundle.inputs.get('image') ?? first ?? bundle.train?.steps[0]?.image)?.shape ?? [],
    goldens: {
      madeBy: String(madeBy.framework ?? madeBy.generator ?? 'unknown'),
      caseSha256: bundle.caseSha256,
      ...(bundle.precision !== undefined && { precision: bundle.precision }),
    },
  };
}

function describeFailure(error: unknown): string {
  if (error instanceof EnvironmentError) return error.message;
  return explainSystem(error)?.message ?? defectOf(error);
}

function defectOf(error: unknown): string {
  return `This is a defect of tipcheck, please report it: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`;
}

const nothingTimed: Timing = {
  startMs: 0,
  loadMs: 0,
  plainMs: 0,
  ownMs: null,
  shippedMs: null,
  judgeMs: 0,
  peakRssMb: null,
};
