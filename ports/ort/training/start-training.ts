import { elementCount, type Float32NdArray, float32NdArray, type NdArray } from '../../../harness/contract/nd-array.js';
import type {
  Collective,
  ProbeSink,
  StepReport,
  TrainingBatch,
  TrainingSession,
  TrainRequest,
} from '../../../harness/contract/port.js';
import { isBuffer } from '../../../harness/golden/seeded.js';
import type { ModelDefinition } from '../../../models/model-definition.js';
import { validateDraws } from '../../../models/validate-weights.js';
import { parseLoss } from '../../../training/loss.js';
import { parseOptimizer } from '../../../training/optimizer.js';
import { parseSchedule } from '../../../training/schedule.js';
import { validateLabels } from '../../../training/validate-labels.js';
import type { newTape } from '../gradients/tape.js';
import { openGraph } from '../open-graph.js';
import type { Runtime, Session } from '../session.js';
import { buildTrainingGraph } from './build-training-graph.js';
import type { TrainingPlan } from './differentiate-loss.js';
import { names } from './graph-names.js';
import { locateNonFinite } from './locate-non-finite.js';
import { measureBlockedLayout } from './measure-blocked-layout.js';
import { planState } from './state-layout.js';
import { initialState, readSlots, readTensor } from './training-state.js';

export interface TrainableModel {
  readonly definition: ModelDefinition<unknown>;
  readonly config: unknown;
  readonly weights: ReadonlyMap<string, Float32NdArray>;
  readonly newTape: typeof newTape;
  /** Whether depthwise convolutions run in blocks of channels, by ONNX Runtime's own operators; null: where it can. */
  readonly blocked: boolean | null;
}

/**
 * Trains by one graph that holds forward, backward and update, with a session for each shape of image. With several
 * ranks it sums over them as it runs: batch norms are of the whole batch, and gradients are the mean. The outputs of a
 * step are the inputs of the next. On the processor they are not copied. onnxruntime-node brings the outputs of a GPU
 * to the host and takes its inputs from there. So on a GPU the whole state travels twice in each step.
 */
export async function startTraining(
  runtime: Runtime,
  model: TrainableModel,
  request: TrainRequest,
): Promise<TrainingSession> {
  const { definition, config, newTape, weights } = model;
  const optimizer = parseOptimizer(request.optimizer);
  const schedule = parseSchedule(request.lrScheduler, request.iters);
  const layout = planState(definition.parameters(config), (name) => !isBuffer(name), optimizer);
  const loss = parseLoss(request.loss);
  const blocked = model.blocked ?? (await measureBlockedLayout(runtime));
  const ranks = request.ranks !== undefined && request.ranks.size > 1 ? request.ranks : null;
  const plan: TrainingPlan<unknown> = { definition, config, layout, optimizer, newTape, loss, blocked, ranks };
  const opened = new Map<string, OpenStep>();
  let state = initialState(plan, weights, request.resume);
  let done = request.resume?.steps ?? 0;

  const stepFor = async ({ image }: TrainingBatch): Promise<OpenStep> => {
    const key = image.shape.join('×');
    const known = opened.get(key) ?? (await openStep(runtime, plan, image.shape, ranks));
    opened.set(key, known);
    return known;
  };

  return {
    async step(batch, onGradient): Promise<StepReport> {
      validateDraws(batch.draws, definition.draws(config, batch.image.shape, 'train'));
      const { session, classes } = await stepFor(batch);
      validateLabels(batch.label, classes, loss.ignoreIndex);
      const learningRate = schedule(done);
      const feeds = new Map<string, NdArray>([
        ...state,
        ...figuresOf(plan, done + 1, learningRate),
        ...inputsOf(batch),
      ]);
      const asked = new Set(batch.gradients.map((name) => names.gradient(layout.find(name).chunk)));
      const results = await session.run(feeds, [
        names.loss,
        names.faults,
        ...[...state.keys()].map(names.updated),
        ...asked,
      ]);
      const output = (name: string): Float32NdArray => results.get(name)!;
      for (const name of batch.gradients)
        onGradient(
          name,
          cut(plan, name, (chunk) => output(names.gradient(chunk))),
        );
      const report = { learningRate, loss: output(names.loss).data[0]! };
      const [lossFault, gradientFault] = output(names.faults).data;
      if (lossFault === 0 && gradientFault === 0) {
        state = new Map([...state.keys()].map((name) => [name, output(names.updated(name))]));
        done++;
        return report;
      }
      const layer = await locateNonFinite(runtime, plan, batch.image.shape, feeds, ranks);
      return { ...report, nonFinite: { what: lossFault === 0 ? 'gradient' : 'loss', layer } };
    },
    async read(wanted: readonly string[], onValue: ProbeSink) {
      for (const name of wanted) onValue(name, readTensor(plan, state, name));
    },
    async readSlots(onValue: ProbeSink) {
      readSlots(plan, state, onValue);
    },
    async dispose() {
      for (const { session } of opened.values()) await session.release();
      opened.clear();
      state = new Map();
    },
  };
}

interface OpenStep {
  readonly session: Session;
  readonly classes: number;
}

async function openStep(
  runtime: Runtime,
  plan: TrainingPlan<unknown>,
  shape: readonly number[],
  ranks: Collective | null,
): Promise<OpenStep> {
  const { graph, classes } = buildTrainingGraph(plan, shape);
  return { session: await openGraph(runtime, graph, ranks), classes };
}

/** The optimizer's figures of one step, a scalar each, for each group. */
function figuresOf({ optimizer }: TrainingPlan<unknown>, step: number, learningRate: number): [string, NdArray][] {
  return optimizer.groups.flatMap(({ learningRateMultiplier, weightDecay }, group) =>
    Object.entries(optimizer.rule.figures(step, learningRate * learningRateMultiplier, weightDecay)).map(
      ([figure, value]): [string, NdArray] => [names.figure(group, figure), float32NdArray([], Float32Array.of(value))],
    ),
  );
}

function inputsOf({ image, label, draws }: TrainingBatch): [string, NdArray][] {
  return [[names.image, image], [names.label, label], ...draws];
}

/** One tensor of state_dict() out of its chunk. */
function cut({ layout }: TrainingPlan<unknown>, name: string, read: (chunk: string) => Float32NdArray): Float32NdArray {
  const { chunk, shape, start } = layout.find(name);
  return float32NdArray(shape, read(chunk).data.subarray(start, start + elementCount(shape)));
}
