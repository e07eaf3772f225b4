import type { WeightMatches } from './match-weights.js';
import type { GraphProto, NodeProto, TensorProto } from './model-proto.js';
import { findWeightTensors } from './tensors.js';

/** What the weights of a file say of where its layers are. */
export interface FollowedWeights {
  /** Layer → the tensor that the last node makes that reads a weight of it. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Convolutions into which a norm was folded: they have no tensor of their own. */
  readonly folded: ReadonlySet<string>;
}

export function followWeights(graph: GraphProto, { weights, folds }: WeightMatches): FollowedWeights {
  const readers = listReaders(graph);
  const last = new Map<string, { at: number; node: NodeProto }>();
  const note = (layer: string, tensor: TensorProto) => {
    for (const { at, node } of readers.get(tensor) ?? [])
      if (at > (last.get(layer)?.at ?? -1)) last.set(layer, { at, node });
  };
  for (const [name, { tensor, by }] of weights) {
    const [, layer] = ofLayersOwn.exec(name) ?? [];
    if (tensor !== null && by !== 'fold' && layer !== undefined) note(layer, tensor);
  }
  for (const { norm, tensor } of folds) note(norm, tensor);
  return {
    outputs: new Map(
      [...last].flatMap(([layer, { node }]) => {
        const output = node.output?.[0];
        return output === undefined || !ofLayer.has(node.opType ?? '') ? [] : [[layer, output] as const];
      }),
    ),
    folded: new Set(folds.map(({ convolution }) => convolution)),
  };
}

const ofLayersOwn = /^(.+)\.(?:weight|bias|_mean|_variance|running_mean|running_var)$/;

/** Operators that give a layer's output where they read its last weight. Others may hold more than the layer. */
const ofLayer = new Set([
  ...['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'Add', 'BatchNormalization', 'LayerNormalization'],
  ...['GroupNormalization', 'InstanceNormalization', 'Gather'],
]);

function listReaders(graph: GraphProto): ReadonlyMap<TensorProto, { at: number; node: NodeProto }[]> {
  const tensors = findWeightTensors(graph);
  const readers = new Map<TensorProto, { at: number; node: NodeProto }[]>();
  for (const [at, node] of (graph.node ?? []).entries())
    for (const name of node.input ?? []) {
      const tensor = tensors.get(name);
      if (tensor === undefined) continue;
      const known = readers.get(tensor);
      if (known === undefined) readers.set(tensor, [{ at, node }]);
      else known.push({ at, node });
    }
  return readers;
}
