import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import { findEngine } from '../../harness/setup/engines.js';
import type { OperatorCase } from '../../models/operator-case-for-tests.js';
import type { Given, OperatorEngine, OperatorWay, Outcome } from '../../models/operator-engine-for-tests.js';
import { countCalls } from '../../models/probe-calls.js';
import { encodeGraph } from '../../onnx/encode-graph.js';
import { type Graph, newGraph, removeDeadNodes, type Value } from '../../onnx/graph.js';
import { buildOperators } from './build-operators.js';
import { onnxruntimeNode } from './engine.js';
import { recordWeightedSum } from './gradients/check-for-tests.js';
import { newEmitter } from './gradients/emitter.js';
import { evaluateGraph } from './gradients/evaluate-for-tests.js';
import { newTape } from './gradients/tape.js';
import { newBuilder } from './graph/builder.js';
import { optimizeGraph } from './passes/optimize-graph.js';
import { openRuntime, type Runtime } from './session.js';
import { measureBlockedLayout } from './training/measure-blocked-layout.js';
import { trainingOperators } from './training/training-operators.js';

/** Sums of up to a few hundred float32 terms. */
const runtimeLimit = 2e-5;
/**
 * Central differences at 1e-5 err by about 1e-10 from the third derivative and 1e-10 from rounding; constants are
 * float32.
 */
const ruleLimit = 2e-6;

/**
 * The graph of a forward as the model states it, and as users run it; that of a step in training in float64, with
 * ONNX's operators alone, and with ONNX Runtime's own.
 */
export const engine: OperatorEngine = {
  missing: () =>
    findEngine(onnxruntimeNode) === null ? 'onnxruntime-node is not prepared; npx tipcheck prepare --port ort' : null,
  async open() {
    const runtime = await openRuntime({ device: 'cpu', threads: 1 });
    const training = { phase: 'train', stops: ['detach', 'l2-normalize', 'norm', 'repeat-for-batch'] } as const;
    const inBlocks: OperatorWay = {
      ...training,
      name: 'ort in training, in blocks',
      limit: runtimeLimit,
      run: (one, given) => runTraining(buildTraining(one, given, true), given, runtime),
    };
    return [
      {
        name: 'ort',
        phase: 'infer',
        limit: runtimeLimit,
        run: (one, given) => runForward(runtime, buildForward(one, given), given),
      },
      {
        name: 'ort as users run it',
        phase: 'infer',
        limit: runtimeLimit,
        run(one, given) {
          const graph = buildForward(one, given);
          optimizeGraph(graph);
          return runForward(runtime, graph, given);
        },
      },
      {
        ...training,
        name: 'ort in training, in float64',
        limit: ruleLimit,
        run: (one, given) => runTraining(buildTraining(one, given, false), given, null),
      },
      {
        ...training,
        name: 'ort in training',
        limit: runtimeLimit,
        run: (one, given) => runTraining(buildTraining(one, given, false), given, runtime),
      },
      ...((await measureBlockedLayout(runtime)) ? [inBlocks] : []),
    ];
  },
};

const outputName = 'output';
const weightsName = 'weights';

function buildForward({ inputs, draws = {}, run }: OperatorCase, { arrays }: Given): Graph {
  const graph = newGraph();
  const builder = newBuilder(graph);
  const context = {
    builder,
    weights: arrays,
    probes: new Set([outputName]),
    replaced: new Set<string>(),
    countCall: countCalls((name) => name === outputName),
    named: null,
  };
  const ops = buildOperators(context);
  ops.draw = (name) => builder.input(name, draws[name]!);
  const given = inputs.map((shape, at) => builder.input(String(at), shape));
  ops.probe(outputName, run<Value>(ops, given));
  removeDeadNodes(graph);
  return graph;
}

async function runForward(runtime: Runtime, graph: Graph, { arrays }: Given): Promise<Outcome> {
  return { output: (await runInRuntime(runtime, graph, arrays)).get(outputName)! };
}

/** A graph of the output and of the gradients by inputs and parameters, under their names. */
function buildTraining(operatorCase: OperatorCase, { arrays }: Given, blocked: boolean): Graph {
  const graph = newGraph();
  const emitter = newEmitter(newBuilder(graph), { blocked });
  const tape = newTape(emitter);
  const variables = [...operatorCase.inputs.map((_, at) => String(at)), ...Object.keys(operatorCase.parameters ?? {})];
  const values = new Map<string, Value>();
  for (const [name, { shape }] of arrays) {
    const input = emitter.builder.input(name, shape);
    values.set(name, variables.includes(name) ? tape.variable(input) : input);
  }
  const find = (name: string) => values.get(name)!;
  const ops = trainingOperators({
    tape,
    state: find,
    draw: find,
    update: () => undefined,
    onProbe: () => undefined,
    ranks: null,
  });
  const inputs = operatorCase.inputs.map((_, at) => find(String(at)));
  const output = operatorCase.run(ops, inputs);
  const sum = recordWeightedSum(tape, output, weightsName);
  for (const [at, gradient] of tape.gradients(sum, variables.map(find)).entries()) {
    if (gradient !== null) graph.outputs.set(gradientName(variables[at]!), gradient);
  }
  graph.outputs.set(outputName, output);
  removeDeadNodes(graph);
  return graph;
}

/** In float64 where `runtime` is null. */
async function runTraining(graph: Graph, { arrays, weights }: Given, runtime: Runtime | null): Promise<Outcome> {
  const feeds = new Map([...arrays, [weightsName, weights] as const]);
  const exact = () =>
    evaluateGraph(graph, new Map([...feeds].map(([name, { data }]) => [name, Float64Array.from(data)])));
  const results = runtime === null ? exact() : await runInRuntime(runtime, graph, feeds);
  const gradients = [...feeds.keys()].flatMap((name) => {
    const gradient = results.get(gradientName(name));
    return gradient === undefined ? [] : [[name, gradient] as const];
  });
  return { output: results.get(outputName)!, gradients: new Map(gradients) };
}

function gradientName(variable: string): string {
  return `gradient by ${variable}`;
}

async function runInRuntime(
  runtime: Runtime,
  graph: Graph,
  feeds: ReadonlyMap<string, Float32NdArray>,
): Promise<ReadonlyMap<string, ArrayLike<number>>> {
  const model = encodeGraph(graph, { producerVersion: '', metadata: new Map() });
  const session = await runtime.openSession(model, 'all');
  try {
    const results = await session.run(new Map([...feeds].filter(([name]) => session.inputNames.includes(name))));
    return new Map([...results].map(([name, { data }]) => [name, data]));
  } finally {
    await session.release();
  }
}
