import t from 'tap';
import { type Float32NdArray, float32NdArray } from '../../../harness/contract/nd-array.js';
import { uniform } from '../../../harness/golden/seeded.js';
import { type Float64Tensor, float64Tensor } from '../../../models/float64-for-tests.js';
import { float64Operators, operatorCases } from '../../../models/float64-operators-for-tests.js';
import type { OperatorCase } from '../../../models/operator-case-for-tests.js';
import type { Tensor, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { findTfjsAddon } from '../addon.js';
import { loadTensorFlow } from '../load-tensorflow.js';
import { createState } from './state.js';
import { trainingOperators } from './training-operators.js';

/** Of the largest derivative: float32 on a few dozen terms; a wrong formula is off by far more. */
const tolerance = 2e-5;

if (findTfjsAddon('cpu') === null) {
  t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
} else {
  const { tf } = loadTensorFlow({ device: 'cpu' });
  const seed = Math.floor(Math.random() * 2 ** 32);
  t.comment(`seed ${seed}`);
  for (const operatorCase of operatorCases) {
    t.test(`${operatorCase.name} has the value and the gradient of its definition`, async (t) => {
      const values = drawValues(operatorCase, seed);
      const weighted = weightsOf(operatorCase, values, seed);
      const actual = differentiate(tf, operatorCase, values, weighted);
      const expected = differentiateBySteps(operatorCase, values, weighted);
      t.ok(
        Math.abs(actual.value - expected.value) <= tolerance * expected.size,
        `value ${actual.value}, ${expected.value}`,
      );
      for (const [name, gradient] of expected.gradients) {
        const largest = Math.max(...gradient.map(Math.abs), 1e-3);
        const found = actual.gradients.get(name)!;
        const worst = Math.max(...gradient.map((wanted, at) => Math.abs(found[at]! - wanted)));
        t.equal(found.length, gradient.length);
        t.ok(worst <= tolerance * largest, `gradient by ${name}: ${worst} of ${largest}`);
      }
    });
  }
}

/** Inputs as `0`, `1`, … beside parameters and draws, all exactly float32. */
type Values = ReadonlyMap<string, Float64Tensor>;

interface Differentiated {
  readonly value: number;
  /** Σ |terms| of the value. */
  readonly size: number;
  readonly gradients: ReadonlyMap<string, readonly number[]>;
}

function drawValues(
  { inputs, parameters = {}, buffers = {}, draws = {}, range: [lo, hi] = [-2, 2] }: OperatorCase,
  seed: number,
): Values {
  const draw = (name: string, shape: readonly number[], of: (u: number) => number): [string, Float64Tensor] => {
    const numbers = uniform(
      seed,
      name,
      shape.reduce((product, extent) => product * extent, 1),
    );
    return [name, float64Tensor(shape, (at) => Math.fround(of(numbers[at]!)))];
  };
  const spread = (u: number) => lo + (hi - lo) * u;
  return new Map([
    ...inputs.map((shape, at) => draw(String(at), shape, spread)),
    ...Object.entries({ ...parameters, ...buffers }).map(([name, shape]) => draw(name, shape, spread)),
    ...Object.entries(draws).map(([name, shape]) => draw(name, shape, (u) => (u < 0.75 ? 1 : 0))),
  ]);
}

/** The function that is differentiated is Σ weights · output. */
function weightsOf(operatorCase: OperatorCase, values: Values, seed: number): Float64Tensor {
  const { shape, data } = run64(operatorCase, values);
  const numbers = uniform(seed, 'weights', data.length);
  return float64Tensor(shape, (at) => Math.fround(2 * numbers[at]! - 1));
}

function run64(operatorCase: OperatorCase, values: Values): Float64Tensor {
  const inputs = operatorCase.inputs.map((_, at) => values.get(String(at))!);
  return operatorCase.run(float64Operators(values), inputs);
}

/** By central differences in float64, one element at a time. */
function differentiateBySteps(operatorCase: OperatorCase, values: Values, weighted: Float64Tensor): Differentiated {
  const step = 1e-5;
  const total = (changed: Values) =>
    run64(operatorCase, changed).data.reduce((sum, value, at) => sum + value * weighted.data[at]!, 0);
  const names = [...operatorCase.inputs.map((_, at) => String(at)), ...Object.keys(operatorCase.parameters ?? {})];
  const gradients = names.map((name) => {
    const { shape, data } = values.get(name)!;
    const moved = (at: number, by: number) =>
      total(new Map(values).set(name, { shape, data: data.map((value, i) => (i === at ? value + by : value)) }));
    return [name, Array.from(data, (_, at) => (moved(at, step) - moved(at, -step)) / (2 * step))] as const;
  });
  const terms = run64(operatorCase, values).data.map((value, at) => value * weighted.data[at]!);
  return {
    value: terms.reduce((sum, term) => sum + term, 0),
    size: terms.reduce((sum, term) => sum + Math.abs(term), 0),
    gradients: new Map(gradients),
  };
}

function differentiate(
  tf: TensorFlowJs,
  operatorCase: OperatorCase,
  values: Values,
  weighted: Float64Tensor,
): Differentiated {
  const parameters = Object.keys(operatorCase.parameters ?? {});
  const array = (name: string): Float32NdArray => toFloat32(values.get(name)!);
  const kept = [...parameters, ...Object.keys(operatorCase.buffers ?? {})];
  const state = createState(tf, new Map(kept.map((name) => [name, array(name)])));
  const draws = Object.keys(operatorCase.draws ?? {}).map((name) => [name, upload(tf, array(name))] as const);
  const ops = trainingOperators({
    tf,
    parameter: state.get,
    draws: new Map(draws),
    ranks: undefined,
    onStatistics: () => undefined,
  });
  const inputs = operatorCase.inputs.map((_, at) => uploadOperand(tf, array(String(at))));
  const weights = uploadOperand(tf, toFloat32(weighted));
  const { value, grads } = tf
    .engine()
    .gradients(
      () => tf.sum(tf.mul(operatorCase.run(ops, inputs), weights)),
      [...inputs, ...parameters.map(state.get)],
      undefined,
      true,
    );
  const found: (Tensor | null)[] = grads;
  const gradients = new Map<string, number[]>();
  for (const [at, input] of inputs.entries()) {
    gradients.set(String(at), Array.from(downloadOperand(tf, found[at] ?? tf.zerosLike(input))));
  }
  for (const [at, name] of parameters.entries()) {
    gradients.set(name, Array.from(state.download(name, found[inputs.length + at]!).data));
  }
  return { value: value.dataSync()[0]!, size: 0, gradients };
}

function toFloat32({ shape, data }: Float64Tensor): Float32NdArray {
  return float32NdArray(shape, Float32Array.from(data));
}

function upload(tf: TensorFlowJs, { shape, data }: Float32NdArray): Tensor {
  return tf.tensor(data, [...shape], 'float32');
}

/** Feature maps are [b, h, w, c] there. */
function uploadOperand(tf: TensorFlowJs, array: Float32NdArray): Tensor {
  const tensor = upload(tf, array);
  return tensor.rank === 4 ? tf.transpose(tensor, [0, 2, 3, 1]) : tensor;
}

function downloadOperand(tf: TensorFlowJs, tensor: Tensor): Float32Array {
  return (tensor.rank === 4 ? tf.transpose(tensor, [0, 3, 1, 2]) : tensor).dataSync<'float32'>();
}
