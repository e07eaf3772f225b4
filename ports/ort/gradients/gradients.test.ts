import t from 'tap';
import { findEngine } from '../../../harness/setup/engines.js';
import type { ConvOptions, Pair } from '../../../models/operators.js';
import type { Value } from '../../../onnx/graph.js';
import { onnxruntimeNode } from '../engine.js';
import { openRuntime } from '../session.js';
import { measureBlockedLayout } from '../training/measure-blocked-layout.js';
import { gelu, geluTanh, logSoftmax, relu, softmax } from './activations.js';
import { add, div, maximum, minimum, mul, sqrt, sub } from './arithmetic.js';
import { type GradientCase, measureGradientErrors } from './check-for-tests.js';
import { conv2d } from './convolution.js';
import { matMul } from './matrices.js';
import { concat, gather, reshape, slice, sumLast, swapLast } from './shapes.js';

/**
 * Central differences at 1e-5 err by about 1e-10 from the third derivative and 1e-10 from rounding; constants are
 * float32.
 */
const ruleLimit = 2e-6;
/** Sums of up to a few hundred float32 terms. */
const runtimeLimit = 2e-5;

const seed = (Date.now() % 2 ** 31) | 1;

type Case = Omit<GradientCase, 'seed'>;

const plain: ConvOptions = { stride: [1, 1], padding: [0, 0], groups: 1, bias: true };

function conv(x: readonly number[], weight: readonly number[], options: Partial<ConvOptions>): Case {
  return {
    shapes: [x, weight, weight.slice(0, 1)],
    build: (tape, [x, weight, bias]) => conv2d(tape, { x: x!, weight: weight!, bias: bias! }, { ...plain, ...options }),
  };
}

function inBlocks(gradientCase: Case): Case {
  return { ...gradientCase, blocked: true };
}

const map = [2, 4, 3, 5];

/** What operators do not reach: test/operators.test.ts runs those. */
const cases: Readonly<Record<string, Case>> = {
  add: { shapes: [map, [4, 1, 1]], build: (tape, [a, b]) => add(tape, a!, b!) },
  sub: {
    shapes: [
      [4, 1],
      [2, 4, 3],
    ],
    build: (tape, [a, b]) => sub(tape, a!, b!),
  },
  mul: { shapes: [map, [4, 1, 1]], build: (tape, [a, b]) => mul(tape, a!, b!) },
  'mul of a value by itself': { shapes: [[6]], build: (tape, [a]) => mul(tape, a!, a!) },
  div: { shapes: [map, [2, 1, 1, 5]], range: [0.5, 2], build: (tape, [a, b]) => div(tape, a!, b!) },
  maximum: { shapes: [[4, 5], [5]], build: (tape, [a, b]) => maximum(tape, a!, b!) },
  minimum: { shapes: [[4, 5], [5]], build: (tape, [a, b]) => minimum(tape, a!, b!) },
  sqrt: { shapes: [[7]], range: [0.5, 2], build: (tape, [a]) => sqrt(tape, a!) },

  gelu: { shapes: [[40]], range: [-3, 3], build: (tape, [x]) => gelu(tape, x!) },
  'gelu, tanh': { shapes: [[40]], range: [-3, 3], build: (tape, [x]) => geluTanh(tape, x!) },
  relu: { shapes: [[40]], build: (tape, [x]) => relu(tape, x!) },
  softmax: { shapes: [[3, 7]], build: (tape, [x]) => softmax(tape, x!) },
  logSoftmax: { shapes: [[3, 7]], build: (tape, [x]) => logSoftmax(tape, x!) },

  'logSoftmax of what was swapped': {
    shapes: [[2, 5, 3]],
    build: (tape, [x]) => logSoftmax(tape, swapLast(tape, x!)),
  },

  reshape: { shapes: [[2, 6]], build: (tape, [x]) => reshape(tape, x!, [3, -1]) },
  swapLast: { shapes: [[2, 3, 4]], build: (tape, [x]) => swapLast(tape, x!) },
  'swapLast, read once as it was and twice swapped': {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    build(tape, [x, y]) {
      const product = matMul(tape, swapLast(tape, x!), y!);
      return add(
        tape,
        matMul(tape, swapLast(tape, swapLast(tape, x!)), product),
        matMul(tape, y!, swapLast(tape, product)),
      );
    },
  },
  slice: { shapes: [[2, 7]], build: (tape, [x]) => slice(tape, x!, 1, 2, 5) },
  concat: {
    shapes: [
      [2, 3, 2],
      [2, 1, 2],
    ],
    build: (tape, [a, b]) => concat(tape, [a!, b!, a!], 1),
  },
  sumLast: { shapes: [[2, 3, 4]], build: (tape, [x]) => sumLast(tape, x!) },
  gather: {
    shapes: [[9]],
    build: (tape, [x]) => gather(tape, x!, tape.emitter.builder.sizes([7, 0, 3])),
  },

  'matMul of one matrix by many': {
    shapes: [
      [3, 4],
      [2, 2, 4, 5],
    ],
    build: (tape, [a, b]) => matMul(tape, a!, b!),
  },
  'conv2d, depthwise 3×3 in blocks': inBlocks(conv([2, 16, 4, 5], [16, 1, 3, 3], { groups: 16, padding: [1, 1] })),
  'conv2d, depthwise 3×5, dilated by 3×2, in blocks': inBlocks(
    conv([2, 16, 4, 5], [16, 1, 3, 5], { groups: 16, padding: [3, 4], dilation: [3, 2] }),
  ),
  'conv2d, depthwise 1×5 in blocks': inBlocks(conv([2, 16, 2, 5], [16, 1, 1, 5], { groups: 16, padding: [0, 2] })),
  'conv2d, depthwise 5×1 after 1×3 in blocks': inBlocks({
    shapes: [
      [1, 16, 3, 2],
      [16, 1, 1, 3],
      [16, 1, 5, 1],
    ],
    build(tape, [x, across, along]) {
      const middle = conv2d(tape, { x: x!, weight: across!, bias: null }, { ...plain, groups: 16, padding: [0, 1] });
      return conv2d(tape, { x: middle, weight: along!, bias: null }, { ...plain, groups: 16, padding: [2, 0] });
    },
  }),
  'sums of depthwise convolutions in blocks': inBlocks({
    shapes: [[2, 16, 3, 4], [16, 1, 3, 3], [16, 1, 1, 3], [16], [16, 1, 3, 1], [16]],
    build(tape, [x, local, across, acrossBias, along, alongBias]) {
      const depthwise = (of: Value, weight: Value, bias: Value | null, padding: Pair) =>
        conv2d(tape, { x: of, weight, bias }, { ...plain, groups: 16, padding });
      const middle = depthwise(x!, local!, null, [1, 1]);
      const strip = depthwise(depthwise(middle, across!, acrossBias!, [0, 1]), along!, alongBias!, [1, 0]);
      return mul(tape, add(tape, middle, add(tape, strip, strip)), x!);
    },
  }),
};

t.test('gradients', async (t) => {
  if (findEngine(onnxruntimeNode) === null) {
    t.comment('not run: onnxruntime-node is not prepared; npx tipcheck prepare --port ort');
    return;
  }
  t.comment(`seed ${seed}`);
  const hasBlocks = await measureBlockedLayout(await openRuntime({ device: 'cpu' }));
  if (!hasBlocks) t.comment('not run: this processor has no kernels for channels in blocks');
  for (const [name, gradientCase] of Object.entries(cases)) {
    if (gradientCase.blocked === true && !hasBlocks) continue;
    const errors = await measureGradientErrors({ ...gradientCase, seed });
    t.ok(errors.rule <= ruleLimit, `${name} agrees with finite differences in float64: ${errors.rule}`);
    t.ok(errors.runtime <= runtimeLimit, `${name} agrees in ONNX Runtime: ${errors.runtime}`);
  }
});

t.test('a convolution without a rule is refused', async (t) => {
  const grouped = conv([1, 4, 3, 3], [4, 2, 1, 1], { groups: 2 });
  await t.rejects(measureGradientErrors({ ...grouped, seed }), {
    message: 'a convolution of 4 to 4 channels in 2 groups at stride 1×1 has no gradient rule',
  });
});
