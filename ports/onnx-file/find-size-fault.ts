import { elementCount, type Float32NdArray, type NdArray, sameShape } from '../../harness/contract/nd-array.js';
import { EnvironmentError, messageOf } from '../../harness/support/errors.js';
import { listCandidates, readsOf } from '../../onnx/candidate-tensors.js';
import { encodeModel, type GraphProto, type ModelProto, type NodeProto } from '../../onnx/model-proto.js';
import { observeModel } from '../../onnx/observe.js';
import { sizeConstantLister } from '../../onnx/size-constants.js';
import type { Runtime } from '../ort/session.js';

type Model = ModelProto & { graph: GraphProto };
type Feeds = ReadonlyMap<string, NdArray>;

/**
 * The first node whose output in a batch is not the outputs of single runs, one behind the other; null: none is found.
 * It stands where the fault begins, as what the engine refuses may lie far behind it.
 */
export async function findBatchFault(
  runtime: Runtime,
  model: Model,
  batch: Feeds,
  singles: readonly [Feeds, Feeds],
): Promise<NodeProto | null> {
  const { graph, refused } = await cutAtRefusal(runtime, model, batch);
  const made = new Set((graph.node ?? []).flatMap(({ output = [] }) => output));
  const tensors = listCandidates(model.graph).filter((tensor) => made.has(tensor));
  for (let start = 0; start < tensors.length; start += groupSize) {
    const group = tensors.slice(start, start + groupSize);
    const [joint, one, two] = await runEach(runtime, { ...model, graph }, group, [batch, ...singles]);
    const isApart = (tensor: string) => {
      const value = joint!.get(tensor);
      return value !== undefined && !isStack(value, one!.get(tensor)!, two!.get(tensor)!);
    };
    const found = group.find(isApart);
    if (found !== undefined) return graph.node!.find(({ output = [] }) => output.includes(found)) ?? null;
  }
  return refused;
}

/**
 * The nearest node before what is refused, or before the output, whose sizes are constant and stay as they are at
 * another size of the image.
 * @param output that is wrong, where nothing is refused
 */
export async function findSizeFault(
  runtime: Runtime,
  model: Model,
  [usual, other]: readonly [Feeds, Feeds],
  output: string,
): Promise<NodeProto | null> {
  const { graph, refused } = await cutAtRefusal(runtime, model, other);
  const listConstants = sizeConstantLister(model.graph);
  if (refused !== null && listConstants(refused).length > 0) return refused;
  const sized = (graph.node ?? []).filter((node) => listConstants(node).some(isOfMap));
  const tensors = sized.flatMap((node) => node.output?.[0] ?? []);
  const runs = tensors.length === 0 ? [] : await runEach(runtime, { ...model, graph }, tensors, [usual, other]);
  const stays = new Set(
    tensors.filter((tensor) => {
      const [before, after] = runs.map((run) => run.get(tensor)?.shape);
      return before !== undefined && after !== undefined && sameShape(before, after);
    }),
  );
  return nearestBefore(model.graph, refused === null ? [output] : readsOf(refused), stays) ?? refused;
}

/** So many tensors are held three times at once. */
const groupSize = 64;

/** Two sizes of a map, or more: one alone is rather a number of channels. */
function isOfMap({ values }: { readonly values: readonly number[] }): boolean {
  return values.filter((size) => size > 1).length >= 2;
}

/** A copy up to the node that the engine refuses, which is its only one where it runs. */
async function cutAtRefusal(
  runtime: Runtime,
  model: Model,
  feeds: Feeds,
): Promise<{ readonly graph: GraphProto; readonly refused: NodeProto | null }> {
  const nodes = model.graph.node ?? [];
  // Exporters leave nodes without names, and then the engine's text names none.
  const named = { ...model.graph, node: nodes.map((node, at) => ({ ...node, name: `@${at}` })) };
  try {
    await runEach(runtime, { ...model, graph: named }, outputsOf(model.graph), [feeds]);
    return { graph: model.graph, refused: null };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    const [, at] = /@(\d+)\b/.exec(messageOf(error.cause ?? error)) ?? [];
    if (at === undefined) return { graph: model.graph, refused: null };
    return { graph: { ...model.graph, node: nodes.slice(0, Number(at)) }, refused: nodes[Number(at)] ?? null };
  }
}

function outputsOf({ output = [] }: GraphProto): string[] {
  return output.flatMap(({ name }) => name ?? []);
}

/** Of float32 tensors. Without optimisation: the engine then names the file's own nodes. */
async function runEach(
  runtime: Runtime,
  model: Model,
  outputs: readonly string[],
  feeds: readonly Feeds[],
): Promise<ReadonlyMap<string, Float32NdArray>[]> {
  const bytes = encodeModel(observeModel(model, { outputs, replaced: [] }));
  const session = await runtime.openSession(bytes, 'disabled', { logSeverityLevel: 4 });
  try {
    const runs: ReadonlyMap<string, Float32NdArray>[] = [];
    for (const fed of feeds) {
      const given = await session.run(fed, session.floatOutputs);
      // The engine may use its memory again.
      runs.push(new Map([...given].map(([name, value]) => [name, { ...value, data: value.data.slice() }])));
    }
    return runs;
  } finally {
    await session.release();
  }
}

/** More than rounding, less than another image. */
const clearly = 1e-3;

/** Whether it is both along an axis, wherever the file keeps its batch; or neither depends on the image. */
function isStack(joint: Float32NdArray, one: Float32NdArray, two: Float32NdArray): boolean {
  if (!sameShape(one.shape, two.shape) || joint.shape.length !== one.shape.length) return false;
  if (sameShape(joint.shape, one.shape)) return isNear(joint.data, one.data) && isNear(joint.data, two.data);
  const axis = joint.shape.findIndex((size, at) => size !== one.shape[at]);
  const doubled = one.shape.map((size, at) => (at === axis ? 2 * size : size));
  if (!sameShape(joint.shape, doubled)) return false;
  const length = elementCount(one.shape.slice(axis));
  const parts = [one, two].map((_, half) => joint.data.filter((_, at) => Math.floor(at / length) % 2 === half));
  return isNear(parts[0]!, one.data) && isNear(parts[1]!, two.data);
}

function isNear(actual: Float32Array, expected: Float32Array): boolean {
  let [errors, squares] = [0, 0];
  for (const [at, value] of expected.entries()) {
    errors += (actual[at]! - value) ** 2;
    squares += value * value;
  }
  return errors <= clearly ** 2 * squares;
}

function nearestBefore(graph: GraphProto, reads: readonly string[], wanted: ReadonlySet<string>): NodeProto | null {
  const makers = new Map(
    (graph.node ?? []).flatMap((node) => (node.output ?? []).map((name) => [name, node] as const)),
  );
  const seen = new Set<string>(reads);
  // A set gives what is added while it is gone through: the nearest first.
  for (const tensor of seen) {
    const maker = makers.get(tensor);
    if (maker === undefined) continue;
    if (wanted.has(tensor)) return maker;
    for (const read of readsOf(maker)) seen.add(read);
  }
  return null;
}
