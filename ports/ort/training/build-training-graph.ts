import { type Graph, removeDeadNodes, type Value } from '../../../onnx/graph.js';
import type { Optimizer } from '../../../training/optimizer.js';
import type { TensorOperators } from '../../../training/tensor-operators.js';
import { newTape } from '../gradients/tape.js';
import { type DifferentiatedLoss, differentiateLoss, find, type TrainingPlan } from './differentiate-loss.js';
import { names, valueSlot } from './graph-names.js';
import { joinChunk } from './join-gradients.js';
import { lossOperators } from './loss-operators.js';
import { nonFiniteFlag } from './non-finite-flag.js';
import type { Chunk, StateLayout } from './state-layout.js';

export interface TrainingGraph {
  readonly graph: Graph;
  /** That the logits tell apart. */
  readonly classes: number;
}

/**
 * One step of training on images [b, c, h, w] of one size: forward, loss, backward and update, in one graph. It also
 * gives the gradients, before clipping and weight decay, and flags what is not finite on any rank: such a step does not
 * count.
 */
export function buildTrainingGraph<Config>(plan: TrainingPlan<Config>, imageShape: readonly number[]): TrainingGraph {
  const step = differentiateLoss(plan, imageShape);
  const { graph, emitter, loss, lossFault, ofChunks, classes } = step;
  graph.outputs.set(names.loss, loss);
  for (const [chunk, gradient] of ofChunks) graph.outputs.set(names.gradient(chunk), gradient);
  emitter.builder.scope = 'update';
  graph.outputs.set(names.faults, emitter.concat([lossFault, nonFiniteFlag(emitter, [...ofChunks.values()])], 0));
  updateStatistics(step, plan.layout);
  updateParameters(step, plan);
  removeDeadNodes(graph);
  return { graph, classes };
}

function updateStatistics({ emitter, state, statistics, graph }: DifferentiatedLoss, { chunks }: StateLayout): void {
  for (const { group, name, places } of chunks) {
    if (group !== null) continue;
    const parts = places.map((place) => emitter.reshape(statistics.get(place.name) ?? state.read(place.name), [-1]));
    graph.outputs.set(names.updated(names.state(name, valueSlot)), emitter.concat(parts, 0));
  }
}

/** Gradient clipping sees each tensor of its group; the update sees whole chunks. */
function updateParameters<Config>(
  { emitter, state, gradients, ofChunks, graph }: DifferentiatedLoss,
  { layout, optimizer: { rule, clip, groups } }: TrainingPlan<Config>,
): void {
  const ops = lossOperators(newTape(emitter));
  for (const group of groups.keys()) {
    const figures = Object.fromEntries(
      Object.keys(rule.figures(1, 0, 0)).map((name) => [name, emitter.builder.input(names.figure(group, name), [])]),
    );
    const chunks = layout.chunks.filter((chunk) => chunk.group === group);
    const clipped = clip === null ? null : clipGroup(ops, clip, chunks, gradients);
    for (const chunk of chunks) {
      const slots = Object.fromEntries(
        rule.slots.map((slot) => [slot, emitter.builder.input(names.state(chunk.name, slot), [chunk.length])]),
      );
      const gradient =
        clipped === null
          ? find(ofChunks, chunk.name)
          : joinChunk(
              emitter,
              chunk.places.map(({ name }) => find(clipped, name)),
            );
      const after = rule.update(ops, { parameter: state.chunk(chunk.name), gradient, slots }, figures);
      graph.outputs.set(names.updated(names.state(chunk.name, valueSlot)), after.parameter);
      for (const slot of rule.slots)
        graph.outputs.set(names.updated(names.state(chunk.name, slot)), after.slots[slot]!);
    }
  }
}

function clipGroup(
  ops: TensorOperators<Value>,
  clip: NonNullable<Optimizer['clip']>,
  chunks: readonly Chunk[],
  gradients: ReadonlyMap<string, Value>,
): ReadonlyMap<string, Value> {
  const places = chunks.flatMap((chunk) => chunk.places);
  const clipped = clip(
    ops,
    places.map((place) => find(gradients, place.name)),
  );
  return new Map(places.map((place, at) => [place.name, clipped[at]!]));
}
