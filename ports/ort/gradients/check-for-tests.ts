import { requireEngine } from '../../../harness/setup/engines.js';
import { encodeGraph } from '../../../onnx/encode-graph.js';
import { type Graph, newGraph, removeDeadNodes, type Value } from '../../../onnx/graph.js';
import { type OnnxRuntime, onnxruntimeNode } from '../engine.js';
import { newBuilder } from '../graph/builder.js';
import { newEmitter, type Shape, shapeOf } from './emitter.js';
import { evaluateGraph } from './evaluate-for-tests.js';
import { newTape, type Tape } from './tape.js';

export interface GradientCase {
  /** Of the variables. */
  readonly shapes: readonly Shape[];
  readonly build: (tape: Tape, variables: readonly Value[]) => Value;
  readonly seed: number;
  /** Whether the case is smooth around these numbers of the variables. They are drawn until it is; always, if not given. */
  readonly smoothAt?: (variables: readonly Float64Array[]) => boolean;
  /** Numbers lie between these; −1 and 1 if not given. */
  readonly range?: readonly [number, number];
  /** Whether ONNX Runtime runs depthwise convolutions in blocks; the reference never does. */
  readonly blocked?: boolean;
}

/** Largest errors, relative to the rms of the gradient, over all variables. */
export interface GradientErrors {
  /** Of the rule, evaluated in float64, against central differences in float64. */
  readonly rule: number;
  /** Of the rule in ONNX Runtime's float32 against the rule in float64. */
  readonly runtime: number;
}

/** Gradients of Σ y · r, with r drawn at random: three ways. */
export async function measureGradientErrors({
  shapes,
  build,
  seed,
  smoothAt = () => true,
  range,
  blocked = false,
}: GradientCase): Promise<GradientErrors> {
  const draw = uniform(seed);
  const { forward, backward, inputs } = buildGraphs(shapes, build);
  const [low, high] = range ?? [-1, 1];
  const drawFeeds = () =>
    inputs.map(({ shape }, at) => {
      const [from, to] = at < shapes.length ? [low, high] : [-1, 1];
      const count = (shape as Shape).reduce((product, size) => product * size, 1);
      return Float64Array.from({ length: count }, () => offGrid(from + (to - from) * draw(), at));
    });
  let drawn = drawFeeds();
  while (!smoothAt(drawn.slice(0, shapes.length))) drawn = drawFeeds();
  const feeds = new Map(inputs.map(({ name }, at) => [name, drawn[at]!]));
  const exact = evaluateGraph(backward, feeds);
  const float32 = await runGraph(blocked ? buildGraphs(shapes, build, true).backward : backward, feeds);
  const names = [...backward.outputs.keys()];
  const differences = names.map((_, at) => differentiate(forward, feeds, inputs[at]!.name));
  // NaN stays what it is.
  const worst = (errors: readonly number[]) => Math.max(0, ...errors);
  return {
    rule: worst(names.map((name, at) => relativeError(exact.get(name)!, differences[at]!))),
    runtime: worst(names.map((name) => relativeError(float32.get(name)!, exact.get(name)!))),
  };
}

/**
 * Near x, a float32, and further than 2⁻¹³ from 0 and from any number of another input, where ReLU and max have a kink.
 */
function offGrid(x: number, input: number): number {
  return Math.round(x * 256) / 256 + (input + 1) / 4096;
}

function buildGraphs(shapes: readonly Shape[], build: GradientCase['build'], blocked = false) {
  const graph = newGraph();
  const emitter = newEmitter(newBuilder(graph), { blocked });
  const tape = newTape(emitter);
  const variables = shapes.map((shape, at) => tape.variable(emitter.builder.input(`x${at}`, shape)));
  const y = build(tape, variables);
  const loss = recordWeightedSum(tape, y, 'r');
  const gradients = tape.gradients(loss, variables);
  const backward: Graph = { ...graph, outputs: new Map(), nodes: [...graph.nodes] };
  for (const [at, gradient] of gradients.entries()) backward.outputs.set(`gradient${at}`, gradient!);
  removeDeadNodes(backward);
  const forward: Graph = { ...graph, outputs: new Map([['loss', loss]]), nodes: [...graph.nodes] };
  removeDeadNodes(forward);
  return { forward, backward, inputs: graph.inputs };
}

/** Σ y · r on the tape; r is an input of the graph of the name `weights`. */
export function recordWeightedSum(tape: Tape, y: Value, weights: string): Value {
  const { emitter } = tape;
  const r = emitter.builder.input(weights, shapeOf(y));
  const product = tape.record(emitter.mul(y, r), [y], (gradient) => [emitter.mul(gradient, r)]);
  const axes = shapeOf(y).map((_, axis) => axis);
  return tape.record(emitter.reshape(emitter.sum(product, axes), []), [product], (gradient) => [gradient]);
}

/** Central differences, one element at a time. */
function differentiate(graph: Graph, feeds: ReadonlyMap<string, Float64Array>, name: string): Float64Array {
  const step = 1e-5;
  const lossAt = (at: number, change: number): number => {
    const moved = feeds.get(name)!.slice();
    moved[at]! += change;
    return evaluateGraph(graph, new Map([...feeds, [name, moved]])).get('loss')![0]!;
  };
  return feeds.get(name)!.map((_, at) => (lossAt(at, step) - lossAt(at, -step)) / (2 * step));
}

async function runGraph(graph: Graph, feeds: ReadonlyMap<string, Float64Array>): Promise<Map<string, Float64Array>> {
  const ort = requireEngine<OnnxRuntime>(onnxruntimeNode);
  const model = encodeGraph(graph, { producerVersion: '', metadata: new Map() });
  const options = { executionProviders: ['cpu'], graphOptimizationLevel: 'all', logSeverityLevel: 3 } as const;
  const session = await ort.InferenceSession.create(model, options);
  try {
    const known = new Set(session.inputNames);
    const tensors = graph.inputs
      .filter(({ name }) => known.has(name))
      .map(({ name, shape }) => [
        name,
        new ort.Tensor('float32', Float32Array.from(feeds.get(name)!), shape as number[]),
      ]);
    const results = await session.run(Object.fromEntries(tensors));
    return new Map(Object.entries(results).map(([name, { data }]) => [name, Float64Array.from(data as Float32Array)]));
  } finally {
    await session.release();
  }
}

/** The largest difference over the rms of what is expected. NaN where either is. */
function relativeError(actual: Float64Array, expected: Float64Array): number {
  const rms = Math.sqrt(expected.reduce((sum, x) => sum + x * x, 0) / expected.length);
  const largest = actual.reduce((worst, x, at) => Math.max(worst, Math.abs(x - expected[at]!)), 0);
  return actual.length === expected.length && rms > 0 ? largest / rms : Number.NaN;
}

/** xorshift32 */
function uniform(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
