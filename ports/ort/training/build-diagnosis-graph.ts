import { type Graph, removeDeadNodes, type Value } from '../../../onnx/graph.js';
import { overRanks } from '../gradients/sync-batch-norm.js';
import { differentiateLoss, type TrainingPlan } from './differentiate-loss.js';
import { names } from './graph-names.js';
import { nonFiniteFlag } from './non-finite-flag.js';

export interface DiagnosisGraph {
  readonly graph: Graph;
  /**
   * What each element of the output `faults` belongs to: the probes of the forward in order, `loss`, and gradients on
   * the way back.
   */
  readonly places: readonly string[];
}

/**
 * A step that updates nothing and flags each of its values that is not finite on any rank, for images [b, c, h, w] of
 * one size.
 */
export function buildDiagnosisGraph<Config>(plan: TrainingPlan<Config>, imageShape: readonly number[]): DiagnosisGraph {
  const probes: (readonly [string, Value])[] = [];
  const step = differentiateLoss(plan, imageShape, (name, x) => probes.push([name, x]));
  const { graph, emitter, loss, gradients } = step;
  emitter.builder.scope = 'diagnosis';
  const looked = [...probes, ['loss', loss] as const, ...[...gradients].reverse()];
  const flags = looked.map(([, x]) => nonFiniteFlag(emitter, [x]));
  graph.outputs.set(names.faults, overRanks(emitter, emitter.concat(flags, 0), plan.ranks));
  removeDeadNodes(graph);
  return { graph, places: looked.map(([name]) => name) };
}
