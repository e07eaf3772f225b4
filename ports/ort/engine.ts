import { type Engine, requireEngine } from '../../harness/setup/engines.js';

export const onnxruntimeNode: Engine = { name: 'onnxruntime-node', version: '1.26.0', ownCopyForGpu: true };

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
  readonly graphOptimizationLevel: 'disabled' | 'basic' | 'extended' | 'all';
  readonly intraOpNumThreads?: number;
  readonly enableMemPattern?: boolean;
  readonly enableProfiling?: boolean;
  readonly profileFilePrefix?: string;
  /**
   * 3: errors only, since a user need not hear of unused initialisers and the like. 4: nothing, if errors are said in
   * other words.
   */
  readonly logSeverityLevel: 3 | 4;
}

export interface OrtSession {
  readonly inputNames: readonly string[];
  readonly inputMetadata: readonly { readonly name: string; readonly type?: string }[];
  readonly outputNames: readonly string[];
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

export function loadOnnxRuntime(device: 'cpu' | 'gpu'): OnnxRuntime {
  return requireEngine<OnnxRuntime>(onnxruntimeNode, device);
}
