import { readDriver } from '../../harness/setup/cuda-driver.js';
import type { CudaMajor } from '../../harness/setup/cuda-sets.js';
import { type Engine, type EngineDevice, findEngine } from '../../harness/setup/engines.js';
import type { Level } from './optimisation.js';

export const onnxruntimeNode: Engine = { name: 'onnxruntime-node', version: '1.26.0', ownCopy: 'gpu' };

/** Any release, whatever the project holds. */
export function releaseOf(version: string): Engine {
  return { name: onnxruntimeNode.name, version, ownCopy: 'always' };
}

/** By the CUDA that the provider of its version is built for. 1.26 is the last of CUDA 12. */
export const cudaEngines: Readonly<Record<CudaMajor, Engine>> = {
  12: onnxruntimeNode,
  13: { ...onnxruntimeNode, version: '1.30.0' },
};

/** What the CUDA provider is linked to, or loads. */
export function isWantedOfCuda(library: string): boolean {
  return /^lib(cudart|cublas|cublasLt|cudnn|curand|cufft|nvrtc)\.so/.test(library);
}

/**
 * The engine of a device. Of two that are prepared for the gpu, the one of the newest CUDA that the driver knows.
 * Throws an EnvironmentError where the driver is asked and is not there.
 * @param release the one that is asked for, on the cpu; absent: the port's own
 */
export async function chooseEngine(
  device: EngineDevice,
  release?: string,
): Promise<{ readonly engine: Engine; readonly cuda: CudaMajor | null }> {
  if (release !== undefined) return { engine: releaseOf(release), cuda: null };
  if (device === 'cpu') return { engine: onnxruntimeNode, cuda: null };
  const prepared = ([13, 12] as const).filter((cuda) => findEngine(cudaEngines[cuda], device) !== null);
  if (prepared.length < 2) {
    const [cuda = 12] = prepared;
    return { engine: cudaEngines[cuda], cuda };
  }
  const [major] = await readDriver('run onnxruntime-node on the gpu');
  const cuda = major >= 13 ? 13 : 12;
  return { engine: cudaEngines[cuda], cuda };
}

/** What is used of onnxruntime-node, whose package need not be installed where these types are read. */
export interface OnnxRuntime {
  readonly env: { readonly versions: { readonly node?: string; readonly common: string } };
  readonly InferenceSession: {
    create(model: Uint8Array, options: SessionOptions): Promise<OrtSession>;
  };
  readonly Tensor: new (type: string, data: ArrayBufferView, dims: readonly number[]) => OrtTensor;
}

export interface SessionOptions {
  readonly executionProviders: readonly (string | { readonly name: string; readonly deviceId: number })[];
  readonly graphOptimizationLevel: Level;
  /** Settings of onnxruntime_session_options_config_keys.h, by the parts of their names. */
  readonly extra?: {
    readonly optimization?: { readonly disable_specified_optimizers: string };
    readonly session?: Readonly<Record<'intra_op' | 'inter_op', { readonly allow_spinning: '0' | '1' }>>;
  };
  readonly intraOpNumThreads?: number;
  readonly enableMemPattern?: boolean;
  readonly executionMode?: 'sequential' | 'parallel';
  readonly enableProfiling?: boolean;
  readonly profileFilePrefix?: string;
  /**
   * 3: errors only, since a user need not hear of unused initialisers and the like. 4: nothing, if errors are said in
   * other words. 1: which passes act.
   */
  readonly logSeverityLevel: 1 | 3 | 4;
}

export interface OrtSession {
  readonly inputNames: readonly string[];
  /** Absent before 1.22, as `outputMetadata`. */
  readonly inputMetadata?: readonly { readonly name: string; readonly type?: string }[];
  readonly outputNames: readonly string[];
  readonly outputMetadata?: readonly {
    readonly name: string;
    readonly type?: string;
    /** Sizes that the engine does not know are names or negative. */
    readonly shape?: readonly (number | string)[];
  }[];
  run(
    feeds: Readonly<Record<string, OrtTensor>>,
    outputs?: Readonly<Record<string, null>>,
  ): Promise<Readonly<Record<string, OrtTensor>>>;
  endProfiling(): void;
  release(): Promise<void>;
}

export interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
  dispose(): void;
}
