import { EnvironmentError, messageOf } from './errors.js';

/**
 * An engine's error that says that memory ran out, of the card or of the machine, as one sentence; null for any other.
 * Sources: ONNX Runtime's bfc_arena.cc, TensorFlow's op_kernel.cc, and the names of CUDA's, cuDNN's and cuBLAS's codes.
 * @param action what was done, after "Cannot"
 */
export function explainMemory(thrown: unknown, action: string): EnvironmentError | null {
  const found = signs.exec(messageOf(thrown));
  if (found === null) return null;
  return new EnvironmentError(
    `Cannot ${action}: memory ran out (${found[0]}); a batch and pictures that fit are wanted. Fix: a smaller batch or smaller pictures, or nothing else on the card (nvidia-smi says what is)`,
    { cause: thrown },
  );
}

const signs =
  /Failed to allocate memory for requested buffer of size \d+|OOM when allocating tensor with shape\s?\[[\d,]*\]|CUDA(?: failure 2|_ERROR_OUT_OF_MEMORY)[^;\n]{0,40}|CU(?:DNN|BLAS)_STATUS_ALLOC_FAILED|std::bad_alloc/;
