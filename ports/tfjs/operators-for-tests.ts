import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import type { OperatorCase } from '../../models/operator-case-for-tests.js';
import type { Given, OperatorEngine, Outcome } from '../../models/operator-engine-for-tests.js';
import { eagerOperators } from '../tfjs-shared/eager-operators.js';
import { foldKernels } from '../tfjs-shared/fused/folded-kernels.js';
import { fusedOperators, type Value } from '../tfjs-shared/fused/fused-operators.js';
import { storeVectors } from '../tfjs-shared/fused/vector.js';
import { keepParameters } from '../tfjs-shared/parameters.js';
import { recordProbes } from '../tfjs-shared/probe-recorder.js';
import type { Tensor, Tensor4D, TensorFlowJs } from '../tfjs-shared/tensorflow-js.js';
import { findTfjsAddon } from './addon.js';
import { loadTensorFlow } from './load-tensorflow.js';
import { createState } from './training/state.js';
import { trainingOperators } from './training/training-operators.js';

/** float32 on a few dozen terms; a wrong formula is off by far more. */
const limit = 2e-5;

const tokensWanted = 'tokens are wanted, not a feature map';

/** What models do not ask for. */
const dilated = {
  'conv2d 2×3 at stride 2, dilated by 3×2': 'c is dilated at stride 2×2; stride 1 is implemented',
};

/** The operators of a forward layer by layer, of one as users run it, and of one in training. */
export const engine: OperatorEngine = {
  missing: () =>
    findTfjsAddon('cpu') === null
      ? 'the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs'
      : null,
  async open() {
    const { tf } = await loadTensorFlow({ device: 'cpu' });
    return [
      {
        name: 'tfjs',
        phase: 'infer',
        limit,
        refuses: dilated,
        run: async (one, given) => inScope(tf, () => runEager(tf, one, given)),
      },
      {
        name: 'tfjs as users run it',
        phase: 'infer',
        limit,
        // Models take it of tokens alone.
        refuses: { ...dilated, div: tokensWanted },
        run: async (one, given) => inScope(tf, () => runFused(tf, one, given)),
      },
      {
        name: 'tfjs in training',
        phase: 'train',
        limit,
        stops: ['detach'],
        refuses: {
          ...dilated,
          'conv2d depthwise 3×3 without padding': 'c is depthwise and changes height or width; training keeps them',
        },
        run: async (one, given) => inScope(tf, () => train(tf, one, given)),
      },
    ];
  },
};

/** Frees every tensor that `run` makes. */
function inScope(tf: TensorFlowJs, run: () => Outcome): Outcome {
  tf.engine().startScope();
  try {
    return run();
  } finally {
    tf.engine().endScope();
  }
}

function runEager(tf: TensorFlowJs, operatorCase: OperatorCase, given: Given): Outcome {
  const { inputs, draws } = upload(tf, operatorCase, given);
  const parameters = keepParameters(tf, given.arrays);
  const recorder = recordProbes(tf, { probes: [], replacements: new Map() }, () => undefined);
  const output = operatorCase.run(eagerOperators({ tf, parameters, recorder, draws }), inputs);
  parameters.dispose();
  return { output: download(tf, output) };
}

function runFused(tf: TensorFlowJs, operatorCase: OperatorCase, given: Given): Outcome {
  const { inputs, draws } = upload(tf, operatorCase, given);
  const kernels = foldKernels(tf, given.arrays);
  let output: ArrayLike<number> = [];
  const recorder = recordProbes(tf, { probes: ['output'], replacements: new Map() }, (_, { data }) => {
    output = data;
  });
  const ops = fusedOperators({
    tf,
    weights: given.arrays,
    kernels,
    vectors: storeVectors(),
    recorder,
    draws,
    bytesAtATime: null,
    place: (elements) => new Float32Array(elements),
  });
  try {
    const result = operatorCase.run<Value>(
      ops,
      inputs.map((tensor) => (tensor.rank === 4 ? ops.input(tensor as Tensor4D) : { kind: 'tokens', tensor })),
    );
    if (result.kind === 'map') ops.probe('output', result);
    else output = download(tf, result.tensor);
    ops.finish(result);
    return { output };
  } finally {
    kernels.dispose();
  }
}

function train(tf: TensorFlowJs, operatorCase: OperatorCase, given: Given): Outcome {
  const { inputs, draws } = upload(tf, operatorCase, given);
  const state = createState(tf, given.arrays);
  const parameters = Object.keys(operatorCase.parameters ?? {});
  const context = { tf, parameter: state.get, draws, ranks: undefined, onStatistics: () => undefined };
  const run = () => operatorCase.run(trainingOperators(context), inputs);
  const weights = uploadOperand(tf, given.weights);
  const variables = [...inputs, ...parameters.map(state.get)];
  const { grads } = tf.engine().gradients(() => tf.sum(tf.mul(run(), weights)), variables, undefined, true);
  const found: readonly (Tensor | null | undefined)[] = grads;
  const gradients = new Map<string, ArrayLike<number>>();
  for (const [at, gradient] of found.entries()) {
    const name = at < inputs.length ? String(at) : parameters[at - inputs.length]!;
    if (gradient == null) continue;
    gradients.set(name, at < inputs.length ? download(tf, gradient) : state.download(name, gradient).data);
  }
  const output = download(tf, run());
  state.dispose();
  return { output, gradients };
}

function upload(tf: TensorFlowJs, { inputs, draws = {} }: OperatorCase, { arrays }: Given) {
  return {
    inputs: inputs.map((_, at) => uploadOperand(tf, arrays.get(String(at))!)),
    draws: new Map(Object.keys(draws).map((name) => [name, uploadPlain(tf, arrays.get(name)!)])),
  };
}

/** Feature maps are [b, h, w, c] there. */
function uploadOperand(tf: TensorFlowJs, array: Float32NdArray): Tensor {
  const tensor = uploadPlain(tf, array);
  return tensor.rank === 4 ? tf.transpose(tensor, [0, 2, 3, 1]) : tensor;
}

function uploadPlain(tf: TensorFlowJs, { shape, data }: Float32NdArray): Tensor {
  return tf.tensor(data, [...shape], 'float32');
}

function download(tf: TensorFlowJs, tensor: Tensor): Float32Array {
  return (tensor.rank === 4 ? tf.transpose(tensor, [0, 3, 1, 2]) : tensor).dataSync<'float32'>();
}
