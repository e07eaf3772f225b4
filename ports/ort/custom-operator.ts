import { messageOf } from '../../harness/support/errors.js';
import { apiVersion, type CApi, type Handle } from './c-api.js';

/** An operator of one float32 input and one float32 output, on the processor, written here. */
export interface CustomOperator {
  readonly domain: string;
  readonly name: string;
  /** Called for each node when a session is made. Gives the number, 0 or more, by which `compute` knows the node. */
  open(kernelInfo: Handle): number;
  /** Called in the thread that runs the session, one node at a time. */
  compute(node: number, context: Handle): void;
}

export interface RegisteredOperator {
  /** An OrtCustomOpDomain, to be added to a session's options. */
  readonly domain: Handle;
  /** What `open` or `compute` threw first since this was last asked, else null. */
  takeFault(): unknown;
  /** After the session itself. */
  release(): void;
}

/** Source: OrtCustomOp in onnxruntime_c_api.h, whose fields stand here in their order. */
export function registerOperator(api: CApi, { domain, name, open, compute }: CustomOperator): RegisteredOperator {
  const { koffi } = api;
  const callbacks: bigint[] = [];
  const register = (result: string, args: readonly string[], callback: (...args: never[]) => unknown): bigint => {
    callbacks.push(koffi.register(callback, koffi.pointer(koffi.proto(result, [...args]))));
    return callbacks.at(-1)!;
  };
  let fault: unknown = null;
  /** Gives a status to ONNX Runtime: an exception must not pass through its frames. */
  const guarded = (act: () => void): Handle => {
    try {
      act();
      return success;
    } catch (error) {
      fault ??= error;
      return api.failure(messageOf(error));
    }
  };
  const nameText = Buffer.from(`${name}\0`, 'utf8');
  const one = register('size_t', ['void *', 'size_t'], () => 1);
  const float32 = register('int', ['void *', 'size_t'], () => float32Type);
  const none = register('int', ['void *', 'size_t'], () => 0);
  const onProcessor = register('void *', ['void *'], () => 0n);
  const nameOf = register('void *', ['void *'], () => koffi.address(nameText));
  const createKernel = register('void *', pointers(4), (...[, , info, kernel]: [Handle, Handle, Handle, Handle]) =>
    // A kernel is the node's number, from 1: ONNX Runtime takes 0 for none.
    guarded(() => koffi.encode(kernel, 'uint64', BigInt(open(info)) + 1n)),
  );
  const runKernel = register('void *', pointers(2), (kernel: Handle, context: Handle) =>
    guarded(() => compute(Number(kernel) - 1, context)),
  );
  const destroyKernel = register('void', ['void *'], () => undefined);
  const operator = BigUint64Array.from([
    ...[BigInt(apiVersion), unused, nameOf, onProcessor], // version, CreateKernel, GetName, GetExecutionProviderType
    ...[float32, one, float32, one], // GetInputType, GetInputTypeCount, GetOutputType, GetOutputTypeCount
    ...[unused, destroyKernel], // KernelCompute, KernelDestroy
    ...[none, none, none], // GetInputCharacteristic, GetOutputCharacteristic: required; GetInputMemoryType: the provider's
    ...[one, one, one, one], // arity and homogeneity of variadic inputs and outputs
    ...[createKernel, runKernel], // CreateKernelV2, KernelComputeV2
    ...new Array<bigint>(laterFields).fill(unused),
  ]);
  const registered = api.make('CreateCustomOpDomain', domain);
  api.call('CustomOpDomain_Add', registered, operator);
  return {
    domain: registered,
    takeFault() {
      const taken = fault;
      fault = null;
      return taken;
    },
    release() {
      api.release('ReleaseCustomOpDomain', registered);
      for (const callback of callbacks) koffi.unregister(callback);
      // ONNX Runtime keeps its address and not the array, which has to live until here.
      operator.fill(0n);
    },
  };
}

/** ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT */
export const float32Type = 1;
/** A status that is none. */
const success = 0n;
const unused = 0n;
/** Of versions after `apiVersion`; ONNX Runtime does not read them. */
const laterFields = 8;

function pointers(count: number): string[] {
  return new Array<string>(count).fill('void *');
}
