import t from 'tap';
import { EnvironmentError } from './errors.js';
import { explainMemory } from './explain-memory.js';
import { explainSystem } from './explain-system.js';

const messages = {
  "Non-zero status code returned while running Conv node. Name:'a' Status Message: \n/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 4294967296\n":
    'Failed to allocate memory for requested buffer of size 4294967296',
  'OOM when allocating tensor with shape[8,256,256,64] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc':
    'OOM when allocating tensor with shape[8,256,256,64]',
  'CUDA failure 2: out of memory ; GPU=0 ; hostname=a ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_allocator.cc':
    'CUDA failure 2: out of memory ',
  'CUDNN failure 4001: CUDNN_STATUS_ALLOC_FAILED ; GPU=0': 'CUDNN_STATUS_ALLOC_FAILED',
  'failed to create cublas handle: CUBLAS_STATUS_ALLOC_FAILED': 'CUBLAS_STATUS_ALLOC_FAILED',
  'std::bad_alloc': 'std::bad_alloc',
};

t.test('memory that ran out is one sentence and exit code 3, whichever engine says it', async (t) => {
  for (const [message, sign] of Object.entries(messages)) {
    const explained = explainMemory(new Error(message), 'run it');
    t.match(explained, EnvironmentError);
    t.equal(
      explained?.message,
      `Cannot run it: memory ran out (${sign}); a batch and pictures that fit are wanted. Fix: a smaller batch or smaller pictures, or nothing else on the card (nvidia-smi says what is)`,
    );
    t.match(explainSystem(new Error(message)), EnvironmentError);
  }
});

t.test('what else an engine says is not explained so', async (t) => {
  for (const message of [
    'CUDA failure 700: an illegal memory access was encountered',
    'OOM killer',
    'CUDNN_STATUS_BAD_PARAM',
  ])
    t.equal(explainMemory(new Error(message), 'run it'), null);
  t.equal(explainSystem(new EnvironmentError('Cannot run it: std::bad_alloc')), null, 'a sentence already');
});
