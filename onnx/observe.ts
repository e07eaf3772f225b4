import { dataTypes, type GraphProto, type ModelProto } from './model-proto.js';
import { redirectReaders } from './tensors.js';

/** What a session of the file gives and takes: probe → name of its tensor. */
export interface Observation {
  /** Tensors that leave the graph. */
  readonly outputs: readonly string[];
  /** Tensors that are replaced for their readers: the input of `replacementName(tensor)` stands in. */
  readonly replaced: readonly ReplacedTensor[];
}

export interface ReplacedTensor {
  readonly tensor: string;
  /** How many axes it has: without them ONNX Runtime cannot tell what follows. */
  readonly rank: number;
  /** Whether it is of float16; absent: float32. */
  readonly half?: boolean;
  /** Its sizes, if they are known. */
  readonly shape?: readonly number[];
}

export function replacementName(tensor: string): string {
  return `${tensor}@replacement`;
}

/** A copy of the model with these tensors as its outputs, and some replaced by inputs for all that reads them. */
export function observeModel(
  model: ModelProto & { graph: GraphProto },
  { outputs, replaced }: Observation,
): ModelProto & { graph: GraphProto } {
  const graph = copyReaders(model.graph);
  for (const { tensor, rank, shape, half = false } of replaced) {
    redirectReaders(graph, tensor, replacementName(tensor));
    const dim = shape?.map((size) => ({ dimValue: BigInt(size) })) ?? Array.from({ length: rank }, () => ({}));
    const type = { tensorType: { elemType: half ? dataTypes.float16 : dataTypes.float32, shape: { dim } } };
    graph.input = [...(graph.input ?? []), { name: replacementName(tensor), type }];
  }
  const known = new Map((graph.output ?? []).map((output) => [output.name, output]));
  // Without a type: ONNX Runtime infers it.
  graph.output = outputs.map((name) => known.get(name) ?? { name });
  return { ...model, graph };
}

/** Deep where readers are redirected; the weights are shared. */
function copyReaders(graph: GraphProto): GraphProto {
  const node = (graph.node ?? []).map((one) => ({
    ...one,
    ...(one.attribute === undefined
      ? {}
      : {
          attribute: one.attribute.map((attribute) => ({
            ...attribute,
            ...(attribute.g === undefined ? {} : { g: copyReaders(attribute.g) }),
            ...(attribute.graphs === undefined ? {} : { graphs: attribute.graphs.map(copyReaders) }),
          })),
        }),
  }));
  const output = (graph.output ?? []).map((one) => ({ ...one }));
  return { ...graph, node, output };
}
