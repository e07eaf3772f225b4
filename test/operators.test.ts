import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { elementCount, type Float32NdArray, float32NdArray } from '../harness/contract/nd-array.js';
import { uniform } from '../harness/golden/seeded.js';
import type { Float64Tensor } from '../models/float64-for-tests.js';
import { float64Operators, listCases } from '../models/float64-operators-for-tests.js';
import type { Phase } from '../models/model-definition.js';
import type { OperatorCase } from '../models/operator-case-for-tests.js';
import type { Given, OperatorEngine, OperatorWay } from '../models/operator-engine-for-tests.js';

/** Of an rms that is smaller, or 0: errors are held against this. */
const smallestRms = 1e-3;

const ports = join(import.meta.dirname, '../ports');
const [asked] = process.argv.slice(2);

if (asked === undefined) {
  // Native libraries of two engines never meet in one process.
  const found = readdirSync(ports).filter((port) => existsSync(join(ports, port, 'operators-for-tests.js')));
  t.ok(found.length >= 2, `ports with operators of their own: ${found.join(', ')}`);
  for (const port of found) {
    const missing = (await readEngine(port)).missing();
    if (missing === null) t.spawn(process.execPath, [fileURLToPath(import.meta.url), port], {}, port);
    else t.comment(`not run: ${missing}`);
  }
} else {
  const seed = Math.floor(Math.random() * 2 ** 32);
  t.comment(`seed ${seed}`);
  const ways = await (await readEngine(asked)).open();
  for (const phase of ['infer', 'train'] as const) {
    const ofPhase = ways.filter((way) => way.phase === phase);
    if (ofPhase.length === 0) continue;
    for (const operatorCase of listCases(phase)) {
      t.test(`${operatorCase.name}, ${phase}`, async (t) => {
        const given = drawGiven(operatorCase, phase, seed);
        const expected = phase === 'train' ? differentiateBySteps(operatorCase, given) : null;
        for (const way of ofPhase) await hold(t, way, operatorCase, given, expected);
      });
    }
    for (const { name, stops = [], refuses = {} } of ofPhase) {
      const names = listCases(phase).map((one) => one.name);
      t.same([...stops.filter((operator) => !names.some((one) => one.startsWith(operator)))], [], `${name} stops`);
      t.same(
        Object.keys(refuses).filter((one) => !names.includes(one)),
        [],
        `${name} refuses`,
      );
    }
  }
}

async function readEngine(port: string): Promise<OperatorEngine> {
  const path = join(ports, port, 'operators-for-tests.js');
  const { engine }: { engine: OperatorEngine } = await import(pathToFileURL(path).href);
  return engine;
}

/** The value, and in training the gradients, are those of the definition. */
async function hold(
  t: Test,
  way: OperatorWay,
  operatorCase: OperatorCase,
  given: Given,
  expected: ReadonlyMap<string, readonly number[]> | null,
): Promise<void> {
  const refused = way.refuses?.[operatorCase.name];
  if (refused !== undefined)
    return void (await t.rejects(way.run(operatorCase, given), { message: refused }, way.name));
  const { output, gradients } = await way.run(operatorCase, given);
  const check = (what: string, actual: ArrayLike<number>, wanted: ArrayLike<number>) => {
    const error = measureError(actual, wanted);
    t.ok(error <= way.limit, `${way.name}: ${what} errs by ${error} of its rms; ${way.limit} is allowed`);
  };
  check('the output', output, run64(operatorCase, toFloat64(given), way.phase).data);
  t.equal(gradients === undefined, expected === null, `${way.name} has gradients in training alone`);
  const stops = way.stops?.some((operator) => operatorCase.name.startsWith(operator)) ?? false;
  for (const [name, gradient] of expected ?? []) {
    const zeros = gradient.map(() => 0);
    check(`the gradient by ${name}`, gradients?.get(name) ?? zeros, stops ? zeros : gradient);
  }
}

/** The largest difference over the rms of what is expected; NaN where lengths differ. */
function measureError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const wanted = Array.from(expected);
  const rms = Math.sqrt(wanted.reduce((sum, value) => sum + value * value, 0) / wanted.length);
  const largest = wanted.reduce((worst, value, at) => Math.max(worst, Math.abs(actual[at]! - value)), 0);
  return actual.length === wanted.length ? largest / Math.max(rms, smallestRms) : Number.NaN;
}

function drawGiven(operatorCase: OperatorCase, phase: Phase, seed: number): Given {
  const {
    inputs,
    parameters = {},
    buffers = {},
    draws = {},
    statistics = {},
    range: [lo, hi] = [-2, 2],
  } = operatorCase;
  const draw = (name: string, shape: readonly number[], of: (u: number) => number): [string, Float32NdArray] => [
    name,
    float32NdArray(shape, Float32Array.from(uniform(seed, name, elementCount(shape)), of)),
  ];
  const spread = (u: number) => lo + (hi - lo) * u;
  const arrays = new Map([
    ...inputs.map((shape, at) => draw(String(at), shape, spread)),
    ...Object.entries({ ...parameters, ...buffers }).map(([name, shape]) => draw(name, shape, spread)),
    ...Object.entries(draws).map(([name, shape]) => draw(name, shape, (u) => (u < 0.75 ? 1 : 0))),
    ...Object.entries(statistics).map(([name, shape]) => draw(name, shape, (u) => 0.5 + u)),
  ]);
  const { shape } = run64(operatorCase, toFloat64({ arrays }), phase);
  return { arrays, weights: draw('weights', shape, (u) => 2 * u - 1)[1] };
}

type Values = ReadonlyMap<string, Float64Tensor>;

function toFloat64({ arrays }: Pick<Given, 'arrays'>): Values {
  return new Map([...arrays].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]));
}

function run64({ inputs, run }: OperatorCase, values: Values, phase: Phase): Float64Tensor {
  return run(
    float64Operators(values, phase),
    inputs.map((_, at) => values.get(String(at))!),
  );
}

/** By central differences in float64, one element at a time. */
function differentiateBySteps(operatorCase: OperatorCase, given: Given): ReadonlyMap<string, readonly number[]> {
  const step = 1e-5;
  const values = toFloat64(given);
  const total = (changed: Values) =>
    run64(operatorCase, changed, 'train').data.reduce((sum, value, at) => sum + value * given.weights.data[at]!, 0);
  const names = [...operatorCase.inputs.map((_, at) => String(at)), ...Object.keys(operatorCase.parameters ?? {})];
  return new Map(
    names.map((name) => {
      const { shape, data } = values.get(name)!;
      const moved = (at: number, by: number) =>
        total(new Map(values).set(name, { shape, data: data.map((value, i) => (i === at ? value + by : value)) }));
      return [name, Array.from(data, (_, at) => (moved(at, step) - moved(at, -step)) / (2 * step))];
    }),
  );
}
