import type { GoldenTraining } from '../golden/bundle.js';
import type { PortTarget } from '../hosts/resolve-port.js';
import { type PortHost, startSubprocessHost } from '../hosts/subprocess-host.js';
import { contractLimits } from '../metrics/agreement.js';
import { runComparatorSelfTest } from '../metrics/comparator-self-test.js';
import type { CaseResult, Timing, Verdict } from '../result.js';
import { EnvironmentError, messageOf, UserError } from '../support/errors.js';
import { executeCase } from './execute.js';
import { executeTraining } from './execute-training.js';
import { judgeCase } from './judge.js';
import { judgeTraining } from './judge-training.js';
import type { Plan, PlannedCase } from './plan.js';

/** Told as a run goes on; for progress lines. */
export interface RunListener {
  /** Awaited before a port's first case. An EnvironmentError from it is the error of each of the port's cases. */
  onPortStart?(port: PortTarget): void | Promise<void>;
  onPhase?(planned: PlannedCase, phase: string): void;
  onCase?(result: CaseResult): void;
}

/**
 * Runs a plan: each port in a process of its own, started again after a crash, its bundles one after the other. Every planned
 * case ends as a CaseResult. Rejects with a UserError only where a port says that what the user gave cannot be used.
 */
export async function runPlan(plan: Plan, listener: RunListener = {}): Promise<CaseResult[]> {
  runComparatorSelfTest();
  const results: CaseResult[] = [];
  for (const port of new Set(plan.cases.map((planned) => planned.port))) {
    const cases = plan.cases.filter((planned) => planned.port === port);
    for await (const result of runPort(plan, port, cases, listener)) {
      results.push(result);
      listener.onCase?.(result);
    }
  }
  return results;
}

async function* runPort(plan: Plan, port: PortTarget, cases: readonly PlannedCase[], listener: RunListener) {
  let host: PortHost | null = null;
  let ready: Promise<void> | null = null;
  try {
    for (const planned of cases) {
      try {
        ready ??= Promise.resolve(listener.onPortStart?.(port));
        await ready;
        const startedAt = performance.now();
        if (host?.alive !== true) host = await startHost(plan, port);
        const startMs = performance.now() - startedAt;
        yield await runCase(plan, planned, host, startMs, listener);
      } catch (error) {
        if (error instanceof UserError) throw error;
        yield failedCase(planned, error instanceof EnvironmentError ? error.message : defectOf(error), host);
        await host?.close();
        host = null;
      }
    }
  } finally {
    await host?.close();
  }
}

function startHost(plan: Plan, port: PortTarget): Promise<PortHost> {
  const { module, settings, name } = port;
  const threads = plan.threads === null ? {} : { threads: plan.threads };
  return startSubprocessHost(name, { module, settings, device: plan.device, ...threads, silenceMs: plan.silenceMs });
}

async function runCase(
  plan: Plan,
  planned: PlannedCase,
  host: PortHost,
  startMs: number,
  listener: RunListener,
): Promise<CaseResult> {
  const onPhase = (phase: string) => listener.onPhase?.(planned, phase);
  const { timing, ...judged } =
    planned.bundle.train === null
      ? await inferAndJudge(plan, planned, host, onPhase)
      : await trainAndJudge(plan, planned, planned.bundle.train, host, onPhase);
  return { ...identityOf(planned), ...judged, engine: host.started.report, timing: { startMs, ...timing } };
}

async function inferAndJudge(plan: Plan, planned: PlannedCase, host: PortHost, onPhase: (phase: string) => void) {
  const execution = await executeCase(host, planned, onPhase);
  const { meaning, timing } = execution;
  return { ...judgeCase(planned, execution, plan.limits), meaning, timing };
}

async function trainAndJudge(
  plan: Plan,
  planned: PlannedCase,
  training: GoldenTraining,
  host: PortHost,
  onPhase: (phase: string) => void,
) {
  const execution = await executeTraining(host, planned, training, onPhase);
  return { ...judgeTraining(planned, training, execution, plan.limits), meaning: null, timing: execution.timing };
}

function failedCase(planned: PlannedCase, reason: string, host: PortHost | null): CaseResult {
  const verdict: Verdict = 'error';
  return {
    ...identityOf(planned),
    verdict,
    reason,
    engine: host?.started.report ?? null,
    firstFault: null,
    firstFaultBy: null,
    measurements: [],
    shipped: null,
    meaning: null,
    limits: contractLimits,
    timing: nothingTimed,
  };
}

function identityOf({ id, port, bundle }: PlannedCase) {
  const { madeBy } = bundle;
  return {
    id,
    port: port.name,
    bundle: bundle.id,
    phase: bundle.phase,
    model: describeModel(bundle.model),
    inputShape: (bundle.inputs.get('image') ?? bundle.train?.steps[0]?.image)?.shape ?? [],
    goldens: { madeBy: String(madeBy.framework ?? madeBy.generator ?? 'unknown'), caseSha256: bundle.caseSha256 },
  };
}

/** `SegNeXt MSCAN_T`, from the yml's types. */
function describeModel(model: Readonly<Record<string, unknown>>): string {
  const { type, backbone } = model;
  const inner = typeof backbone === 'object' && backbone !== null && 'type' in backbone ? backbone.type : null;
  return [type, inner].filter((part) => typeof part === 'string').join(' ');
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
