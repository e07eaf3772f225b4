import { elementCount, type Float32NdArray, float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import type { Collective } from '../../harness/contract/port.js';
import type { EngineDevice } from '../../harness/setup/engines.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import type { Graph, Value } from '../../onnx/graph.js';
import { type AllReduceOperator, defineAllReduce } from './all-reduce-operator.js';
import { asFloat32 } from './as-float32.js';
import type { CApi, Handle } from './c-api.js';
import { float32Type } from './custom-operator.js';

export interface RankSessionOptions {
  readonly device: EngineDevice;
  /** null: the engine's default. */
  readonly threads: number | null;
}

/**
 * A session whose graph sums over ranks while it runs. An operator of ours waits there for the other ranks.
 * onnxruntime-node takes no operators, so ONNX Runtime is called through its C API. A run holds this thread until it is
 * done.
 * @throws EnvironmentError where ONNX Runtime refuses the graph
 */
export function openRankSession(
  api: CApi,
  model: Uint8Array,
  graph: Graph,
  ranks: Collective,
  options: RankSessionOptions,
) {
  const { environment, operator, session } = openSession(api, model, graph, ranks, options);
  const memory = api.make('CreateCpuMemoryInfo', deviceAllocator, 0);
  /** What a run reads and writes. No code of ours needs it meanwhile, so it could be garbage-collected. */
  let held: readonly Float32NdArray[] = [];
  const cStrings = new Map<string, Buffer>();
  const addressOf = (text: string): bigint => {
    if (!cStrings.has(text)) cStrings.set(text, Buffer.from(`${text}\0`, 'utf8'));
    return api.koffi.address(cStrings.get(text)!);
  };
  const inputNames = graph.inputs.map(({ name }) => name);
  const outputNames = [...graph.outputs.keys()];
  return {
    inputNames,
    outputNames,
    async run(feeds: ReadonlyMap<string, NdArray>, wanted: readonly string[] = outputNames) {
      const inputs = inputNames.map((name) => fixed(feeds.get(name)!));
      const outputs = wanted.map((name) => emptyFor(graph.outputs.get(name)!));
      held = [...inputs, ...outputs];
      const tensors = held.map((array) => wrap(api, memory, array));
      try {
        operator.run(() =>
          api.call(
            'Run',
            session,
            null,
            BigUint64Array.from(inputNames, addressOf),
            BigUint64Array.from(tensors.slice(0, inputs.length)),
            inputs.length,
            BigUint64Array.from(wanted, addressOf),
            wanted.length,
            BigUint64Array.from(tensors.slice(inputs.length)),
          ),
        );
      } finally {
        for (const tensor of tensors) api.release('ReleaseValue', tensor);
        held = [];
      }
      return new Map(wanted.map((name, at) => [name, outputs[at]!]));
    },
    async release() {
      api.release('ReleaseSession', session);
      operator.release();
      api.release('ReleaseMemoryInfo', memory);
      api.release('ReleaseEnv', environment);
    },
  };
}

/** ORT_LOGGING_LEVEL_FATAL: what fails is thrown, and need not be logged too. */
const fatalOnly = 4;
/** ORT_ENABLE_ALL */
const allOptimisations = 99;
/** OrtDeviceAllocator */
const deviceAllocator = 0;

function openSession(api: CApi, model: Uint8Array, graph: Graph, ranks: Collective, options: RankSessionOptions) {
  const environment = api.make('CreateEnv', fatalOnly, 'tipcheck');
  const operator = defineAllReduce(api, graph, ranks);
  try {
    return { environment, operator, session: createSession(api, environment, model, operator, options) };
  } catch (error) {
    operator.release();
    api.release('ReleaseEnv', environment);
    throw error;
  }
}

function createSession(
  api: CApi,
  environment: Handle,
  model: Uint8Array,
  operator: AllReduceOperator,
  { device, threads }: RankSessionOptions,
): Handle {
  const options = api.make('CreateSessionOptions');
  try {
    api.call('SetSessionLogSeverityLevel', options, fatalOnly);
    api.call('SetSessionGraphOptimizationLevel', options, allOptimisations);
    // Planning memory ahead doubles it and saves no time. Threads that spin while ranks wait would take the other
    // ranks' time.
    api.call('DisableMemPattern', options);
    api.call('AddSessionConfigEntry', options, 'session.intra_op.allow_spinning', '0');
    if (threads !== null) api.call('SetIntraOpNumThreads', options, threads);
    if (device === 'gpu') appendCuda(api, options);
    api.call('AddCustomOpDomain', options, operator.domain);
    return api.make('CreateSessionFromArray', environment, model, model.byteLength, options);
  } catch (error) {
    throw new EnvironmentError(
      `Cannot load the graph of several ranks into onnxruntime-node: ${(error as Error).message}`,
    );
  } finally {
    api.release('ReleaseSessionOptions', options);
  }
}

/** On the first of the GPUs that this rank sees. */
function appendCuda(api: CApi, options: Handle): void {
  const cuda = api.make('CreateCUDAProviderOptions');
  try {
    api.call('SessionOptionsAppendExecutionProvider_CUDA_V2', options, cuda);
  } finally {
    api.release('ReleaseCUDAProviderOptions', cuda);
  }
}

function fixed({ shape, data }: NdArray): Float32NdArray {
  return float32NdArray(shape, asFloat32(data));
}

function emptyFor({ name, shape }: Value): Float32NdArray {
  if (shape.includes(null)) throw new Error(`${name} has open sizes; a graph of several ranks has fixed ones`);
  return float32NdArray(shape as readonly number[], new Float32Array(elementCount(shape as readonly number[])));
}

/** A tensor of ONNX Runtime's over the array's own memory. */
function wrap(api: CApi, memory: Handle, { data, shape }: Float32NdArray): Handle {
  const sizes = BigInt64Array.from(shape, BigInt);
  const args = [data, data.byteLength, sizes, sizes.length, float32Type];
  return api.make('CreateTensorWithDataAsOrtValue', memory, ...args);
}
