import type { Device } from '../../harness/contract/device.js';
import type { EngineReport } from '../../harness/contract/engine-report.js';
import { type Float32NdArray, float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import type { Collective, PortOptions } from '../../harness/contract/port.js';
import type { CudaMajor } from '../../harness/setup/cuda-sets.js';
import { requireEngine } from '../../harness/setup/engines.js';
import { loadCuda } from '../../harness/setup/load-cuda.js';
import { cannotHere, EnvironmentError, messageOf } from '../../harness/support/errors.js';
import { explainMemory } from '../../harness/support/explain-memory.js';
import { resolveDevice } from '../../harness/support/find-gpu.js';
import { loadKoffi } from '../../harness/support/load-koffi.js';
import type { Graph } from '../../onnx/graph.js';
import { widenHalves } from '../../onnx/half-floats.js';
import { asElements } from './as-elements.js';
import { asFloat32 } from './as-float32.js';
import { type CApi, openCApi } from './c-api.js';
import { countPlacement, type Placement } from './count-placement.js';
import {
  chooseEngine,
  isWantedOfCuda,
  type OnnxRuntime,
  type OrtSession,
  type OrtTensor,
  type SessionOptions,
} from './engine.js';
import { measureProvider } from './measure-provider.js';
import { profileRun } from './profile-run.js';
import { openRankSession } from './rank-session.js';

/** ONNX Runtime on one device. Sessions are its own to make; each must be released. */
export interface Runtime {
  readonly report: EngineReport;
  openSession(
    model: Uint8Array,
    level: SessionOptions['graphOptimizationLevel'],
    options?: Partial<Pick<SessionOptions, 'enableMemPattern' | 'executionMode' | 'logSeverityLevel' | 'extra'>>,
  ): Promise<OpenedSession>;
  /** Runs a graph once, to see where its nodes run. */
  place(model: Uint8Array, feeds: ReadonlyMap<string, NdArray>): Promise<Placement>;
  /** For a graph with sums over ranks (graph/all-reduce.ts) and its encoding. */
  openRankSession(model: Uint8Array, graph: Graph, ranks: Collective): Promise<Session>;
}

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Gives the outputs asked for, else all. An array goes in as the type of its input. A float32 array goes in and comes
   * out of the processor's memory without a copy.
   */
  run(feeds: ReadonlyMap<string, NdArray>, outputs?: readonly string[]): Promise<ReadonlyMap<string, Float32NdArray>>;
  release(): Promise<void>;
}

export interface OpenedSession extends Session {
  /** The outputs that `run` can give: those of float32 and float16. */
  readonly floatOutputs: readonly string[];
  /** Those of float16. `run` gives their numbers as float32. */
  readonly halfOutputs: ReadonlySet<string>;
  /** Of these outputs, those whose sizes the engine knows before it runs. */
  readonly floatShapes: ReadonlyMap<string, readonly number[]>;
}

export interface Released {
  /** Of onnxruntime-node, on the cpu; absent: the port's own. */
  readonly release?: string;
}

/** Throws an EnvironmentError where the engine or the device is not there. */
export async function openRuntime({
  device: asked,
  threads,
  release,
}: Pick<PortOptions, 'device' | 'threads'> & Released): Promise<Runtime> {
  const { device, because } = resolveDevice(asked);
  const { engine, cuda } = await chooseEngine(device, release);
  // From 1.30 on it reports to its maker unless told not to.
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  const ort = requireEngine<OnnxRuntime>(engine, device);
  const loaded = cuda === null ? {} : await loadCudaOf(cuda);
  const options = {
    executionProviders: device === 'gpu' ? [{ name: 'cuda', deviceId: 0 }] : ['cpu'],
    logSeverityLevel: 3,
    // As fast without (0.76 of paddle2onnx either way), in 0.73 GB where it took 0.90 for 1024×2048.
    enableMemPattern: false,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  } as const;
  // Another release than the port's is npm's package for the cpu, and before 1.21 none writes a profile.
  const provider = release === undefined ? await measureProvider(ort, options) : 'CPUExecutionProvider';
  validateProvider(provider, device);
  let api: CApi | null = null;
  return {
    report: {
      engine: 'onnxruntime-node',
      version: ort.env.versions.node ?? ort.env.versions.common,
      device,
      provider,
      tf32: device === 'cpu' ? 'not applicable' : process.env.NVIDIA_TF32_OVERRIDE === '0' ? 'off' : 'on',
      details: {
        threads: threads === undefined ? "the engine's default" : String(threads),
        ...reasonFor(asked, device, because),
        ...loaded,
        ...(device === 'gpu' ? { 'provider options': JSON.stringify(options.executionProviders) } : {}),
      },
    },
    openSession: async (model, level, further = {}) =>
      wrapSession(ort, await create(ort, model, { ...options, ...further, graphOptimizationLevel: level })),
    async place(model, feeds) {
      const tensors = [...feeds].map(([name, { data, shape }]) => [
        name,
        new ort.Tensor('float32', asFloat32(data), shape),
      ]);
      const events = await profileRun(
        ort,
        { ...options, graphOptimizationLevel: 'all' },
        model,
        Object.fromEntries(tensors),
      );
      return countPlacement(events);
    },
    openRankSession: async (model, graph, ranks) => {
      api ??= openCApi(await loadKoffi('train on several ranks'), engine, device);
      return openRankSession(api, model, graph, ranks, { device, threads: threads ?? null });
    },
  };
}

function loadCudaOf(cuda: CudaMajor) {
  return loadCuda(cuda, {
    purpose: 'run onnxruntime-node on the gpu',
    wanted: isWantedOfCuda,
    fix: `npx tipcheck prepare --port ort --device gpu --cuda ${cuda}`,
  });
}

function reasonFor(asked: Device, device: string, because: string): Record<string, string> {
  return asked === 'auto' ? { 'device auto': `${device}, because ${because}` } : {};
}

/** A session may be made for CUDA and still run on the processor: then nothing asked for the GPU has run on it. */
function validateProvider(provider: string, device: 'cpu' | 'gpu'): void {
  const expected = device === 'gpu' ? 'CUDAExecutionProvider' : 'CPUExecutionProvider';
  if (provider === expected) return;
  throw new EnvironmentError(
    `Cannot run onnxruntime-node on the ${device}: its convolutions run in ${provider}; ${expected} is wanted. Fix: npx tipcheck prepare --port ort --device ${device}`,
  );
}

async function create(ort: OnnxRuntime, model: Uint8Array, options: SessionOptions): Promise<OrtSession> {
  try {
    return await ort.InferenceSession.create(model, options);
  } catch (error) {
    throw describeFailure('load the graph into onnxruntime-node', error);
  }
}

function wrapSession(ort: OnnxRuntime, session: OrtSession): OpenedSession {
  const types = new Map(session.inputMetadata?.map(({ name, type = 'float32' }) => [name, type]));
  const floats = () => floatsOf(session, ort);
  // What a release that does not tell types has given.
  const halves = new Set<string>();
  const tensorOf = (name: string, { data, shape }: NdArray) => {
    const type = types.get(name) ?? 'float32';
    return new ort.Tensor(type, asElements(data, type, name), shape);
  };
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    get floatOutputs() {
      return floats().map(({ name }) => name);
    },
    get halfOutputs() {
      if (session.outputMetadata === undefined) return halves;
      return new Set(floats().flatMap(({ name, type }) => (type === 'float16' ? [name] : [])));
    },
    get floatShapes() {
      return new Map(
        floats().flatMap(({ name, shape = [''] }) => (shape.every(isSize) ? [[name, shape as number[]] as const] : [])),
      );
    },
    async run(feeds, outputs = session.outputNames) {
      const tensors = Object.fromEntries([...feeds].map(([name, array]) => [name, tensorOf(name, array)]));
      const wanted = outputs.map((name) => [name, null] as const);
      const results = await runGuarded(session, tensors, Object.fromEntries(wanted));
      for (const [name, { type }] of Object.entries(results)) if (type === 'float16') halves.add(name);
      return new Map(Object.entries(results).map(([name, tensor]) => [name, readOutput(name, tensor)]));
    },
    release: () => session.release(),
  };
}

/** Whoever finds tensors by value needs the types; whoever knows names runs without. */
function floatsOf({ outputMetadata }: OrtSession, { env }: OnnxRuntime) {
  if (outputMetadata !== undefined)
    return outputMetadata.filter(({ type }) => type === 'float32' || type === 'float16');
  throw cannotHere(
    'find tensors in a file with onnxruntime-node',
    env.versions.node ?? env.versions.common,
    'it does not tell the types of outputs',
    '1.22 or later is wanted, or a file whose tensors have the names of the probes',
  );
}

function isSize(size: number | string): boolean {
  return typeof size === 'number' && size >= 0;
}

async function runGuarded(session: OrtSession, ...[tensors, outputs]: Parameters<OrtSession['run']>) {
  try {
    return await session.run(tensors, outputs);
  } catch (error) {
    throw describeFailure('run the graph in onnxruntime-node', error);
  }
}

function describeFailure(action: string, error: unknown): EnvironmentError {
  return (
    explainMemory(error, action) ?? new EnvironmentError(`Cannot ${action}: ${messageOf(error)}`, { cause: error })
  );
}

function readOutput(name: string, { type, data, dims }: OrtTensor): Float32NdArray {
  if (data instanceof Float32Array) return float32NdArray(dims, data);
  // A Float16Array, where Node has that; its bits are the same.
  if (type === 'float16' && ArrayBuffer.isView(data))
    return float32NdArray(dims, widenHalves(new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2)));
  throw new EnvironmentError(`Cannot read output ${name}: it is ${type}; float32 or float16 is wanted`);
}
