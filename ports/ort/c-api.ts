import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Engine, type EngineDevice, engineRequire } from '../../harness/setup/engines.js';
import { EnvironmentError, messageOf as faultOf } from '../../harness/support/errors.js';
import type { Koffi } from '../../harness/support/load-koffi.js';

/** An object of ONNX Runtime's, by its address. */
export type Handle = bigint;

/** What is used of ONNX Runtime's C API, in the library that onnxruntime-node has loaded. */
export interface CApi {
  readonly koffi: Koffi;
  /**
   * Calls a function that answers with a status.
   * @throws EnvironmentError with ONNX Runtime's message if the call fails
   */
  call(name: FunctionName, ...args: readonly unknown[]): void;
  /** Calls one whose last argument receives the object that it makes or finds. */
  make(name: FunctionName, ...args: readonly unknown[]): Handle;
  /** Gives an object back; ONNX Runtime's functions for this answer nothing. */
  release(name: ReleaseName, object: Handle): void;
  /** A status that says that a kernel of ours failed. Its receiver owns it. */
  failure(message: string): Handle;
}

/**
 * The first version of the API in which an operator of ours can say that it failed: ONNX Runtime 1.16. All later ones
 * have it.
 */
export const apiVersion = 16;

/**
 * Places in the table of functions OrtApi, which only grows at its end, and their arguments.
 * Source: onnxruntime_c_api.h.
 */
const functions = {
  CreateEnv: [3, ['int', 'str', 'void *']],
  CreateSessionFromArray: [8, ['void *', 'void *', 'size_t', 'void *', 'void *']],
  Run: [9, ['void *', 'void *', 'void *', 'void *', 'size_t', 'void *', 'size_t', 'void *']],
  CreateSessionOptions: [10, ['void *']],
  DisableMemPattern: [17, ['void *']],
  SetSessionLogSeverityLevel: [22, ['void *', 'int']],
  SetSessionGraphOptimizationLevel: [23, ['void *', 'int']],
  SetIntraOpNumThreads: [24, ['void *', 'int']],
  CreateCustomOpDomain: [26, ['str', 'void *']],
  CustomOpDomain_Add: [27, ['void *', 'void *']],
  AddCustomOpDomain: [28, ['void *', 'void *']],
  CreateTensorWithDataAsOrtValue: [49, ['void *', 'void *', 'size_t', 'void *', 'size_t', 'int', 'void *']],
  GetTensorMutableData: [51, ['void *', 'void *']],
  CreateCpuMemoryInfo: [69, ['int', 'int', 'void *']],
  KernelInfoGetAttribute_int64: [86, ['void *', 'str', 'void *']],
  KernelContext_GetInput: [90, ['void *', 'size_t', 'void *']],
  KernelContext_GetOutput: [91, ['void *', 'size_t', 'void *', 'size_t', 'void *']],
  AddSessionConfigEntry: [130, ['void *', 'str', 'str']],
  SessionOptionsAppendExecutionProvider_CUDA_V2: [204, ['void *', 'void *']],
  CreateCUDAProviderOptions: [205, ['void *']],
} as const;

const releases = {
  ReleaseEnv: 92,
  ReleaseStatus: 93,
  ReleaseMemoryInfo: 94,
  ReleaseSession: 95,
  ReleaseValue: 96,
  ReleaseSessionOptions: 100,
  ReleaseCustomOpDomain: 101,
  ReleaseCUDAProviderOptions: 208,
} as const;

type FunctionName = keyof typeof functions;
type ReleaseName = keyof typeof releases;

/**
 * onnxruntime-node must have been loaded before, for the same device.
 * @throws EnvironmentError where its library does not load, or is too old
 */
export function openCApi(koffi: Koffi, engine: Engine, device: EngineDevice): CApi {
  const table = findTable(koffi, libraryFile(engine, device));
  const functionAt = (place: number): unknown => koffi.decode(table, place * pointerBytes, 'void *');
  const prototypes = new Map<string, unknown>();
  const prototypeOf = (result: string, args: readonly string[]) => {
    const key = [result, ...args].join();
    if (!prototypes.has(key)) prototypes.set(key, koffi.proto(result, [...args]));
    return prototypes.get(key) as ReturnType<Koffi['proto']>;
  };
  const release = (name: ReleaseName, object: Handle): void =>
    void koffi.call(functionAt(releases[name]), prototypeOf('void', ['void *']), object);
  const messageOf = (status: Handle): string => {
    const message: string = koffi.call(functionAt(2), prototypeOf('str', ['void *']), status);
    release('ReleaseStatus', status);
    return message;
  };
  const bound = new Map(
    Object.entries(functions).map(([name, [place, args]]) => {
      const pointer = functionAt(place);
      const prototype = prototypeOf('void *', args);
      return [name, (given: readonly unknown[]): Handle | null => koffi.call(pointer, prototype, ...given)] as const;
    }),
  );
  const call = (name: FunctionName, ...args: readonly unknown[]): void => {
    const status = bound.get(name)!(args);
    if (status !== null && status !== 0n)
      throw new EnvironmentError(`ONNX Runtime's ${name} failed: ${messageOf(status)}`);
  };
  const make = (name: FunctionName, ...args: readonly unknown[]): Handle => {
    const made = new BigUint64Array(1);
    call(name, ...args, made);
    return made[0]!;
  };
  const failure = (message: string): Handle =>
    koffi.call(functionAt(0), prototypeOf('void *', ['int', 'str']), failed, message);
  return { koffi, call, make, release, failure };
}

const pointerBytes = 8;
/** ORT_FAIL */
const failed = 1;

/** The file that onnxruntime-node's addon has loaded: a loader that is given it again finds the same library. */
function libraryFile(engine: Engine, device: EngineDevice): string {
  const folder = join(dirname(engineRequire(engine, device).resolve(`${engine.name}/package.json`)), 'bin');
  const binding = readdirSync(folder).find((name) => name.startsWith('napi-'));
  const name = { linux: 'libonnxruntime.so.1', darwin: 'libonnxruntime.1.dylib', win32: 'onnxruntime.dll' }[
    process.platform as string
  ];
  return join(folder, binding ?? '', process.platform, process.arch, name ?? 'onnxruntime');
}

/** The table OrtApi of a library, through the one function that it exports. */
function findTable(koffi: Koffi, file: string): Handle {
  const base: Handle = loadLibrary(koffi, file).func('OrtGetApiBase', 'void *', [])();
  const getApi: Handle = koffi.decode(base, 0, 'void *');
  const table: Handle | null = koffi.call(getApi, koffi.proto('void *', ['uint32_t']), apiVersion);
  if (table !== null && table !== 0n) return table;
  throw new EnvironmentError(
    `Cannot call ONNX Runtime: ${file} has no C API of version ${apiVersion}; ONNX Runtime 1.16 or later is wanted`,
  );
}

function loadLibrary(koffi: Koffi, file: string): ReturnType<Koffi['load']> {
  try {
    return koffi.load(file);
  } catch (error) {
    throw new EnvironmentError(
      `Cannot call ONNX Runtime: ${file} does not load (${faultOf(error)}); onnxruntime-node's own library is wanted. Fix: npx tipcheck prepare --port ort`,
    );
  }
}
