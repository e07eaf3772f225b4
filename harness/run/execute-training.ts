import type { StepReport } from '../contract/port.js';
import type { GoldenTraining } from '../golden/bundle.js';
import type { PortHost, RecordedProbe, RecordedProbeSink } from '../hosts/subprocess-host.js';
import { asWanted, measureRecording, type Recording, validatePhase } from './execute.js';
import type { ExecutionTiming } from './execution-timing.js';
import type { PlannedCase } from './plan.js';
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
  validatePhase(host, bundle);
  const { model, parameters, weights } = bundle;
  const { optimizer, lrScheduler, loss, iters } = training;
  onPhase('load');
  const load = await host.load({ model, parameters, weights });
  const start = await host.train({ optimizer, lrScheduler, loss, iters });

  const recordings = new Map<string, Recording>();
  const clock = { judgeMs: 0, trainMs: start.durationMs };
  const record = (asked: readonly TensorTarget[]): RecordedProbeSink => {
    const byName = new Map(asked.map((target) => [target.golden.name, target]));
    return (recorded: RecordedProbe) => {
      const startedAt = performance.now();
      const target = byName.get(recorded.name);
      if (target !== undefined) recordings.set(target.name, measureRecording(recorded, target.golden));
      clock.judgeMs += performance.now() - startedAt;
    };
  };

  const tensors = targets.filter(isTensor);
  const gradients = tensors.filter(({ section }) => section === 'grads');
  const steps: StepReport[] = [];
  for (const [at, step] of training.steps.slice(0, countSteps(planned, training)).entries()) {
    onPhase(`step ${at + 1}`);
    const asked = at === 0 ? gradients : [];
    const wanted = asked.map(({ golden }) => asWanted(golden));
    const { image, label, draws } = step;
    const batch = { inputs: new Map([['image', image]]), label, draws, gradients: wanted };
    const { durationMs, learningRate, loss } = await host.step(batch, record(asked));
    clock.trainMs += durationMs;
    steps.push({ learningRate, loss });
  }

  for (const section of ['params', 'buffers'] as const) {
    const asked = tensors.filter((target) => target.section === section);
    if (asked.length === 0) continue;
    onPhase(section);
    const read = await host.read(
      asked.map(({ golden }) => asWanted(golden)),
      record(asked),
    );
    clock.trainMs += read.durationMs;
  }
  const disposed = await host.dispose();
  return {
    steps,
    recordings,
    timing: {
      loadMs: load.durationMs,
      plainMs: clock.trainMs,
      ownMs: null,
      shippedMs: null,
      judgeMs: clock.judgeMs,
      peakRssMb: disposed.peakRssMb,
    },
  };
}

/** All of them, unless nothing that was asked for comes after the first or after a certain one. */
function countSteps({ targets }: PlannedCase, { steps }: GoldenTraining): number {
  const needed = targets.map((target) => {
    if (target.section === 'lr' || target.section === 'loss') return target.step + 1;
    return target.section === 'grads' ? 1 : steps.length;
  });
  return Math.max(...needed);
}
