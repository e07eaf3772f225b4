import t from 'tap';
import { EnvironmentError } from '../../harness/support/errors.js';
import { explainRefusal } from './explain-refusal.js';

const explain = (text: string) => {
  const thrown = new EnvironmentError('Cannot load the graph', { cause: new Error(text) });
  const found = explainRefusal(thrown, 'm.onnx', 'onnxruntime 1', 'before it runs');
  return { found, isMachine: found === thrown };
};

t.test('what the machine lacks stays of the machine', async (t) => {
  for (const text of [
    'std::bad_alloc',
    "Non-zero status code returned while running Conv node. Name:'a' Status Message: bfc_arena.cc:376 Failed to allocate memory for requested buffer of size 9",
    "Non-zero status code returned while running Conv node. Name:'a' Status Message: CUDA error cudaErrorUnknown:unknown error",
    'CUDNN failure 4: CUDNN_STATUS_INTERNAL_ERROR ; GPU=0',
  ])
    t.ok(explain(text).isMachine, text);
});

t.test('a name in the file says nothing of the machine', async (t) => {
  for (const [text, said] of [
    [
      "Non-zero status code returned while running Reshape node. Name:'/cuda/CUDA' Status Message: the shapes disagree",
      / refuses it before it runs at its node \/cuda\/CUDA \(Reshape\); /,
    ],
    ['Node (allocate) Op (Conv) [ShapeInferenceError] Mismatch', / refuses it before it runs at its node allocate; /],
    ['This is an invalid model. In Node, ("CUDA", Conv, "", -1) : ("cuda.w": tensor(float),) , Error', / refuses it /],
    [
      "Could not find an implementation for Conv(11) node with name '/cuda/CUDA'",
      / has no Conv for the types at its node \/cuda\/CUDA; /,
    ],
    ['No Op registered for CUDAConv with domain_version of 17', / uses the operator CUDAConv, /],
  ] as const) {
    const { found } = explain(text);
    t.match(found, { name: 'UserError', message: said }, text);
  }
});
