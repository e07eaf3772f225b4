import { type Float32NdArray, float32NdArray, type NdArray } from '../../../harness/contract/nd-array.js';
import type {
  ProbeSink,
  StepReport,
  TrainingBatch,
  TrainingSession,
  TrainRequest,
} from '../../../harness/contract/port.js';
import { takeImage } from '../../../models/take-image.js';
import { validateDraws } from '../../../models/validate-weights.js';
import { validateLabels } from '../../../training/validate-labels.js';
import { measurePlacement } from '../measure-placement.js';
import { openGraph } from '../open-graph.js';
import type { Runtime, Session } from '../session.js';
import { buildTrainingGraph } from './build-training-graph.js';
import { names } from './graph-names.js';
import { locateNonFinite } from './locate-non-finite.js';
import { planTraining, type RunPlan, type TrainableModel } from './plan-training.js';
import { initialState, readGradient, readSlots, readTensor } from './training-state.js';

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
  const plan = await planTraining(runtime, model, request);
  const opened = new Map<string, OpenStep>();
  let state = initialState(plan, model.weights, request.resume);
  let done = request.resume?.steps ?? 0;

  const stepFor = async (shape: readonly number[]): Promise<OpenStep> => {
    const key = shape.join('×');
    const known = opened.get(key) ?? (await openStep(runtime, plan, shape));
    opened.set(key, known);
    return known;
  };

  return {
    ...(runtime.report.device === 'gpu' ? { details: await placeTraining(runtime, plan) } : {}),
    async step(batch, onGradient) {
      const { shape } = takeImage(batch.inputs);
      validateDraws(batch.draws, plan.definition.draws(plan.config, shape, 'train'));
      const { session, classes } = await stepFor(shape);
      validateLabels(batch.label, classes, plan.loss.ignoreIndex);
      const learningRate = plan.schedule(done);
      const feeds = new Map([...state, ...figuresOf(plan, done + 1, learningRate), ...inputsOf(batch)]);
      const output = await runStep(session, plan, feeds, [...state.keys()], batch.gradients);
      for (const name of batch.gradients) onGradient(name, readGradient(plan, name, output));
      const report: StepReport = { learningRate, loss: output(names.loss).data[0]! };
      const [lossFault, gradientFault] = output(names.faults).data;
      if (lossFault === 0 && gradientFault === 0) {
        state = new Map([...state.keys()].map((name) => [name, output(names.updated(name))]));
        done++;
        return report;
      }
      const layer = await locateNonFinite(runtime, plan, shape, feeds, plan.ranks);
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

/** What of a step stays on the processor, a GPU being asked for: of one rank's, since sums over ranks are ours. */
async function placeTraining(runtime: Runtime, plan: RunPlan): Promise<Readonly<Record<string, string>>> {
  const { graph } = buildTrainingGraph({ ...plan, ranks: null }, plan.definition.exampleImage(plan.config));
  return { 'on the processor in training': await measurePlacement(runtime, graph) };
}

interface OpenStep {
  readonly session: Session;
  readonly classes: number;
}

async function openStep(runtime: Runtime, plan: RunPlan, shape: readonly number[]): Promise<OpenStep> {
  const { graph, classes } = buildTrainingGraph(plan, shape);
  return { session: await openGraph(runtime, graph, plan.ranks), classes };
}

/** What the graph gave, by name: loss, faults, the state after the step, and chunks with the gradients asked for. */
async function runStep(
  session: Session,
  { layout }: RunPlan,
  feeds: ReadonlyMap<string, NdArray>,
  inputs: readonly string[],
  gradients: readonly string[],
): Promise<(name: string) => Float32NdArray> {
  const chunks = new Set(gradients.map((name) => names.gradient(layout.find(name).chunk)));
  const results = await session.run(feeds, [names.loss, names.faults, ...inputs.map(names.updated), ...chunks]);
  return (name) => results.get(name)!;
}

/** The optimizer's figures of one step, a scalar each, for each group. */
function figuresOf({ optimizer }: RunPlan, step: number, learningRate: number): [string, NdArray][] {
  return optimizer.groups.flatMap(({ learningRateMultiplier, weightDecay }, group) =>
    Object.entries(optimizer.rule.figures(step, learningRate * learningRateMultiplier, weightDecay)).map(
      ([figure, value]): [string, NdArray] => [names.figure(group, figure), float32NdArray([], Float32Array.of(value))],
    ),
  );
}

function inputsOf({ inputs, label, draws }: TrainingBatch): [string, NdArray][] {
  return [[names.image, takeImage(inputs)], [names.label, label], ...draws];
}
