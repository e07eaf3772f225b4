import type { Float64Context, Float64Tensor } from './float64-for-tests.js';
import type { Phase } from './model-definition.js';
import type { OperatorCase } from './operator-case-for-tests.js';
import type { Operators, TrainingOperators } from './operators.js';
import { readOperators } from './read-operators.js';

interface OperatorForTests {
  readonly cases: readonly OperatorCase[];
  float64(context: Float64Context): object;
}

/** What each operator says for tests. */
export const operatorFiles = await readOperators<OperatorForTests>('-for-tests');

/** Every case of every operator that a phase has, under the operator's name in kebab-case and its own. */
export function listCases(phase: Phase): readonly OperatorCase[] {
  const operators = [...operatorFiles.always, ...(phase === 'train' ? operatorFiles.training : [])];
  return operators.flatMap(([operator, { cases }]) =>
    cases.map((one) => ({ ...one, name: `${operator} ${one.name}`.trim() })),
  );
}

/**
 * The operators as their definitions say, one element at a time, in float64: what engines are compared with on small
 * shapes, for tests only. Written from the formulas, so that it shares no line with an engine.
 */
export function float64Operators(given: ReadonlyMap<string, Float64Tensor>, phase: Phase): Operators<Float64Tensor> {
  const context: Float64Context = {
    phase,
    get(name) {
      const found = given.get(name);
      if (found === undefined) throw new Error(`${name} is not given`);
      return found;
    },
  };
  const of = (operators: ReadonlyMap<string, OperatorForTests>): object =>
    Object.assign({}, ...[...operators.values()].map((operator) => operator.float64(context)));
  const training = of(operatorFiles.training) as TrainingOperators<Float64Tensor>;
  const always = of(operatorFiles.always) as Operators<Float64Tensor>;
  return { ...always, ...(phase === 'train' ? { training } : {}) };
}
