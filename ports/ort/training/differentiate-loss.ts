import { elementCount } from '../../../harness/contract/nd-array.js';
import type { ModelDefinition } from '../../../models/model-definition.js';
import { type Graph, newGraph, type Value } from '../../../onnx/graph.js';
import type { TrainingLoss } from '../../../training/loss.js';
import type { Optimizer } from '../../../training/optimizer.js';
import { type Emitter, newEmitter, shapeOf } from '../gradients/emitter.js';
import { reshape, swapLast } from '../gradients/shapes.js';
import { overRanks, type RankPlace } from '../gradients/sync-batch-norm.js';
import type { newTape, Tape } from '../gradients/tape.js';
import { newBuilder } from '../graph/builder.js';
import { names, valueSlot } from './graph-names.js';
import { type JoinedGradients, joinGradients } from './join-gradients.js';
import { lossOperators } from './loss-operators.js';
import { nonFiniteFlag } from './non-finite-flag.js';
import type { StateLayout } from './state-layout.js';
import { trainingOperators } from './training-operators.js';

export interface TrainingPlan<Config> {
  readonly definition: ModelDefinition<Config>;
  readonly config: Config;
  readonly layout: StateLayout;
  readonly loss: TrainingLoss;
  readonly optimizer: Optimizer;
  readonly newTape: typeof newTape;
  /** Whether ONNX Runtime's own operators may stand in the graph: for a processor that has them. */
  readonly blocked: boolean;
  /** This process among those that train together; null: alone. */
  readonly ranks: RankPlace | null;
}

/**
 * A graph of forward, loss and backward that has no outputs yet. Gradients are in the order in which the forward reads.
 */
export interface DifferentiatedLoss extends JoinedGradients {
  readonly graph: Graph;
  readonly emitter: Emitter;
  readonly state: State;
  /** As they are after the step, by their names in state_dict(). */
  readonly statistics: ReadonlyMap<string, Value>;
  /** Of this rank's share. */
  readonly loss: Value;
  /** [1]: 0, or NaN where the loss of any rank is not finite. */
  readonly lossFault: Value;
  /** That the logits tell apart. */
  readonly classes: number;
}

/** What a step and its diagnosis share, for images [b, c, h, w] of one size. */
export function differentiateLoss<Config>(
  plan: TrainingPlan<Config>,
  imageShape: readonly number[],
  onProbe: (name: string, x: Value) => void = () => undefined,
): DifferentiatedLoss {
  const graph = newGraph();
  const emitter = newEmitter(newBuilder(graph), plan);
  const tape = plan.newTape(emitter);
  const state = openState(tape, plan.layout);
  const statistics = new Map<string, Value>();
  const [b, , h, w] = imageShape as [number, number, number, number];

  const image = emitter.builder.input(names.image, imageShape);
  const label = emitter.reshape(emitter.builder.input(names.label, [b, h, w]), [b, h * w]);
  const drawn = openDraws(emitter, plan.definition.draws(plan.config, imageShape, 'train'));
  const operators = trainingOperators({
    tape,
    state: state.read,
    update: (name, value) => statistics.set(name, value),
    draw: (name) => find(drawn, name),
    onProbe,
    ranks: plan.ranks,
  });
  const logits = plan.definition.forward(operators, plan.config, image);
  emitter.builder.scope = 'loss';
  const loss = plan.loss.total(lossOperators(tape), pixelsLast(tape, logits), label);
  const lossFault = overRanks(emitter, nonFiniteFlag(emitter, [loss]), plan.ranks);

  emitter.builder.scope = 'gradients';
  const trained = state.trained();
  const found = tape.gradients(
    loss,
    trained.map((name) => state.read(name)),
  );
  const own = new Map(trained.map((name, at) => [name, found[at] ?? null]));
  const joined = joinGradients(emitter, plan.layout, own, plan.ranks);
  return { graph, emitter, state, statistics, loss, lossFault, ...joined, classes: shapeOf(logits)[1]! };
}

export interface State {
  read(name: string): Value;
  chunk(name: string): Value;
  /** Parameters that the forward has read. */
  trained(): readonly string[];
}

/** Each tensor is cut out of its chunk when it is first read. */
function openState(tape: Tape, layout: StateLayout): State {
  const { emitter } = tape;
  const chunks = new Map(
    layout.chunks.map(({ name, length }) => [name, emitter.builder.input(names.state(name, valueSlot), [length])]),
  );
  const groups = new Map(layout.chunks.map(({ name, group }) => [name, group]));
  const tensors = new Map<string, Value>();
  const trained: string[] = [];
  return {
    read(name) {
      const known = tensors.get(name);
      if (known !== undefined) return known;
      const { chunk, shape, start } = layout.find(name);
      const part = emitter.slice(find(chunks, chunk), 0, start, start + elementCount(shape));
      const tensor = emitter.reshape(part, shape);
      tensors.set(name, tensor);
      if (groups.get(chunk) === null) return tensor;
      trained.push(name);
      return tape.variable(tensor);
    },
    chunk: (name) => find(chunks, name),
    trained: () => trained,
  };
}

function openDraws(emitter: Emitter, shapes: ReadonlyMap<string, readonly number[]>): ReadonlyMap<string, Value> {
  return new Map([...shapes].map(([name, shape]) => [name, emitter.builder.input(name, shape)]));
}

/** [b, c, h, w] → [b, h · w, c] */
function pixelsLast(tape: Tape, logits: Value): Value {
  const [b, c, h, w] = shapeOf(logits) as [number, number, number, number];
  return swapLast(tape, reshape(tape, logits, [b, c, h * w]));
}

export function find(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (value === undefined) throw new Error(`the model asks for ${name}, which its own list lacks`);
  return value;
}
