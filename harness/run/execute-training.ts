import type { StepReport } from '../contract/port.js';
import type { GoldenTraining } from '../golden/bundle.js';
import type { RecordedProbe, RecordedProbeSink, WantedProbe } from '../hosts/messages.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import { asWanted, measureRecording } from './execute.js';
import type { ExecutionTiming } from './execution-timing.js';
import type { PlannedCase } from './plan.js';
import type { Recording } from './recording.js';
import { isTensor, type TensorTarget } from './training-targets.js';

/** What one port did on one train bundle: figures, no verdicts. */
export interface TrainingExecution {
  /** One entry a step that was made. */
  readonly steps: readonly StepReport[];
  /** By the names of the targets: `grads/NAME`, … */
  readonly recordings: ReadonlyMap<string, Recording>;
  readonly timing: ExecutionTiming;
}

/**
 * Runs the steps of a train bundle, as many as the targets ask for, and reads gradients after the first, parameters and
 * statistics after the last. No golden goes to the port.
 */
export async function executeTraining(
  host: PortHost,
  planned: PlannedCase,
  training: GoldenTraining,
  onPhase: (phase: string) => void,
): Promise<TrainingExecution> {
  const { bundle, targets } = planned;
  const { model, parameters, weights } = bundle;
  const { optimizer, lrScheduler, loss, iters } = training;
  onPhase('load');
  const load = await host.load({ model, parameters, weights });
  const start = await host.train({ optimizer, lrScheduler, loss, iters });

  const measured = measureTargets();
  const tensors = targets.filter(isTensor);
  const steps: StepReport[] = [];
  let trainMs = start.durationMs;
  for (const [at, { image, label, draws }] of training.steps.slice(0, countSteps(planned, training)).entries()) {
    onPhase(`step ${at + 1}`);
    const asked = at === 0 ? tensors.filter(({ section }) => section === 'grads') : [];
    const batch = { inputs: new Map([['image', image]]), label, draws, gradients: wantedOf(asked) };
    const { durationMs, learningRate, loss } = await host.step(batch, measured.sink(asked));
    trainMs += durationMs;
    steps.push({ learningRate, loss });
  }

  for (const section of ['params', 'buffers'] as const) {
    const asked = tensors.filter((target) => target.section === section);
    if (asked.length === 0) continue;
    onPhase(section);
    trainMs += (await host.read(wantedOf(asked), measured.sink(asked))).durationMs;
  }
  const { peakRssMb } = await host.dispose();
  const { recordings, judgeMs } = measured;
  const loadMs = load.durationMs;
  return {
    steps,
    recordings,
    timing: { loadMs, plainMs: trainMs, ownMs: null, shippedMs: null, judgeMs: judgeMs(), peakRssMb },
  };
}

function wantedOf(targets: readonly TensorTarget[]): WantedProbe[] {
  return targets.map(({ golden }) => asWanted(golden));
}

/** Sinks that measure what comes against the targets that were asked for. */
function measureTargets() {
  const recordings = new Map<string, Recording>();
  let judgeMs = 0;
  const sink = (asked: readonly TensorTarget[]): RecordedProbeSink => {
    const byName = new Map(asked.map((target) => [target.golden.name, target]));
    return (recorded: RecordedProbe) => {
      const startedAt = performance.now();
      const target = byName.get(recorded.name);
      if (target !== undefined) recordings.set(target.name, measureRecording(recorded, target.golden));
      judgeMs += performance.now() - startedAt;
    };
  };
  return { sink, recordings, judgeMs: () => judgeMs };
}

/** All of them, unless nothing that was asked for comes after the first or after a certain one. */
function countSteps({ targets }: PlannedCase, { steps }: GoldenTraining): number {
  const needed = targets.map((target) => {
    if (target.section === 'lr' || target.section === 'loss') return target.step + 1;
    return target.section === 'grads' ? 1 : steps.length;
  });
  return Math.max(...needed);
}
