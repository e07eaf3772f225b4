import { elementCount } from '../../../harness/support/nd-array.js';
import { type BugSwitch, withBug } from '../../../models/bug-switches.js';
import type { ModelDefinition } from '../../../models/model-definition.js';
import type { TrainingLoss } from '../../../training/loss.js';
import type { Optimizer } from '../../../training/optimizer.js';
import type { TensorOperators } from '../../../training/tensor-operators.js';
import { type Emitter, newEmitter, shapeOf } from '../gradients/emitter.js';
import { reshape, swapLast } from '../gradients/shapes.js';
import { newTape, type Tape } from '../gradients/tape.js';
import { newBuilder } from '../graph/builder.js';
import { type Graph, newGraph, removeDeadNodes, type Value } from '../graph/graph.js';
import { lossOperators } from './loss-operators.js';
import type { Chunk, StateLayout } from './state-layout.js';
import { trainingOperators } from './training-operators.js';

export interface TrainingPlan<Config> {
  readonly definition: ModelDefinition<Config>;
  readonly config: Config;
  readonly layout: StateLayout;
  readonly loss: TrainingLoss;
  readonly optimizer: Optimizer;
  readonly bug: BugSwitch | null;
  /** Whether ONNX Runtime's own operators may stand in the graph: for a processor that has them. */
  readonly blocked: boolean;
}

export interface TrainingGraph {
  readonly graph: Graph;
  /** That the logits tell apart. */
  readonly classes: number;
}

/** Names of a training graph's inputs and outputs. Parameters, slots and statistics enter and leave chunk by chunk. */
export const names = {
  image: 'image',
  label: 'label',
  loss: 'loss',
  state: (chunk: string, slot: string) => `${chunk}/${slot}`,
  updated: (input: string) => `updated/${input}`,
  gradient: (chunk: string) => `gradient/${chunk}`,
  figure: (group: number, figure: string) => `figure/${group}/${figure}`,
} as const;

/** What a chunk holds beside what the optimizer keeps. */
export const valueSlot = 'value';

/**
 * One step of training on images [b, c, h, w] of one size: forward, loss, backward and update, in one graph. It also gives the
 * gradients, before clipping and weight decay.
 */
export function buildTrainingGraph<Config>(plan: TrainingPlan<Config>, imageShape: readonly number[]): TrainingGraph {
  const graph = newGraph();
  const emitter = newEmitter(newBuilder(graph), plan);
  const tape = newTape(emitter);
  const state = openState(tape, plan.layout);
  const updated = new Map<string, Value>();
  const [b, , h, w] = imageShape as [number, number, number, number];

  const image = emitter.builder.input(names.image, imageShape);
  const label = emitter.reshape(emitter.builder.input(names.label, [b, h, w]), [b, h * w]);
  const drawn = openDraws(emitter, plan.definition.draws(plan.config, imageShape, 'train'));
  const operators = trainingOperators({
    tape,
    state: state.read,
    update: (name, value) => updated.set(name, value),
    draw: (name) => find(drawn, name),
  });
  const logits = plan.definition.forward(withBug(operators, plan.bug), plan.config, image);
  emitter.builder.scope = 'loss';
  const loss = plan.loss.total(lossOperators(tape), pixelsLast(tape, logits), label);
  graph.outputs.set(names.loss, loss);

  emitter.builder.scope = 'gradients';
  const trained = state.trained();
  const found = tape.gradients(
    loss,
    trained.map((name) => state.read(name)),
  );
  const gradients = new Map(trained.map((name, at) => [name, found[at] ?? null]));
  emitter.builder.scope = 'update';
  updateStatistics(emitter, plan.layout, state, updated, graph);
  updateParameters(lossOperators(newTape(emitter)), emitter, plan, state, gradients, graph);
  removeDeadNodes(graph);
  return { graph, classes: shapeOf(logits)[1]! };
}

interface State {
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

function updateStatistics(
  emitter: Emitter,
  { chunks }: StateLayout,
  state: State,
  updated: ReadonlyMap<string, Value>,
  graph: Graph,
): void {
  for (const { group, name, places } of chunks) {
    if (group !== null) continue;
    const parts = places.map((place) => emitter.reshape(updated.get(place.name) ?? state.read(place.name), [-1]));
    graph.outputs.set(names.updated(names.state(name, valueSlot)), emitter.concat(parts, 0));
  }
}

/** Gradient clipping sees each tensor of its group; the update sees whole chunks. */
function updateParameters<Config>(
  ops: TensorOperators<Value>,
  emitter: Emitter,
  { layout, optimizer: { rule, clip, groups } }: TrainingPlan<Config>,
  state: State,
  gradients: ReadonlyMap<string, Value | null>,
  graph: Graph,
): void {
  const flat = (x: Value) => emitter.reshape(x, [-1]);
  for (const group of groups.keys()) {
    const figures = Object.fromEntries(
      Object.keys(rule.figures(1, 0, 0)).map((name) => [name, emitter.builder.input(names.figure(group, name), [])]),
    );
    const chunks = layout.chunks.filter((chunk) => chunk.group === group);
    const clipped = clip === null ? gradients : clipGroup(ops, clip, chunks, gradients);
    for (const chunk of chunks) {
      const joined = (of: ReadonlyMap<string, Value | null>) =>
        emitter.concat(
          chunk.places.map((place) => flat(requireGradient(of, place.name))),
          0,
        );
      const slots = Object.fromEntries(
        rule.slots.map((slot) => [slot, emitter.builder.input(names.state(chunk.name, slot), [chunk.length])]),
      );
      const gradient = joined(clipped);
      const after = rule.update(ops, { parameter: state.chunk(chunk.name), gradient, slots }, figures);
      graph.outputs.set(names.updated(names.state(chunk.name, valueSlot)), after.parameter);
      for (const slot of rule.slots)
        graph.outputs.set(names.updated(names.state(chunk.name, slot)), after.slots[slot]!);
      graph.outputs.set(names.gradient(chunk.name), clip === null ? gradient : joined(gradients));
    }
  }
}

function clipGroup(
  ops: TensorOperators<Value>,
  clip: NonNullable<Optimizer['clip']>,
  chunks: readonly Chunk[],
  gradients: ReadonlyMap<string, Value | null>,
): ReadonlyMap<string, Value> {
  const places = chunks.flatMap((chunk) => chunk.places);
  const clipped = clip(
    ops,
    places.map((place) => requireGradient(gradients, place.name)),
  );
  return new Map(places.map((place, at) => [place.name, clipped[at]!]));
}

/** The reference's optimizers leave a parameter alone that the loss does not depend on; in no model of ours there is one. */
function requireGradient(gradients: ReadonlyMap<string, Value | null>, name: string): Value {
  const gradient = gradients.get(name);
  if (gradient == null) throw new Error(`the loss does not depend on ${name}, which the optimizer is to update`);
  return gradient;
}

function find(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (value === undefined) throw new Error(`the model asks for ${name}, which its own list lacks`);
  return value;
}
