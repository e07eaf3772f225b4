import { sameShape } from '../../../harness/contract/nd-array.js';
import type { Value } from '../../../onnx/graph.js';
import { type Emitter, shapeOf } from './emitter.js';

/**
 * Which nodes made which value, and how a gradient goes back through them. A gradient rule appends the nodes that turn
 * the gradient of an output into those of the inputs. A gradient that nothing needs is dropped with the graph's dead
 * nodes.
 */
export interface Tape {
  readonly emitter: Emitter;
  /** A value whose gradient is wanted: a parameter. */
  variable(value: Value): Value;
  /** Notes how `output` was made, unless that is known. A value that is asked for twice is one value. Returns it. */
  record(output: Value, inputs: readonly Value[], rule: GradientRule, options?: RecordOptions): Value;
  /** Gradients of a scalar by variables; null where it does not depend on one. */
  gradients(of: Value, variables: readonly Value[]): readonly (Value | null)[];
}

/**
 * From the gradient of the output, of the output's shape, to one for each input in their order. A gradient may be given
 * in a shape that broadcasts to its input's. Null stands for "no gradient".
 */
export type GradientRule = (gradient: Value) => readonly (Value | null)[];

export interface RecordOptions {
  /** Whether the rule takes a gradient that only broadcasts to the output's shape, and so saves repeating it. */
  readonly takesSmall: boolean;
}

interface Entry extends RecordOptions {
  readonly output: Value;
  readonly inputs: readonly Value[];
  readonly rule: GradientRule;
}

export function newTape(emitter: Emitter): Tape {
  const entries: Entry[] = [];
  const differentiable = new Set<Value>();
  return {
    emitter,
    variable(value) {
      differentiable.add(value);
      return value;
    },
    record(output, inputs, rule, { takesSmall } = { takesSmall: false }) {
      // A node that would do nothing returns its input, and one that undoes another returns the other's input. Both are
      // on the tape already.
      if (differentiable.has(output) || !inputs.some((input) => differentiable.has(input))) return output;
      differentiable.add(output);
      entries.push({ output, inputs, rule, takesSmall });
      return output;
    },
    gradients(of, variables) {
      const found = new Map<Value, Value>([[of, emitter.expand(emitter.scalar(1), shapeOf(of))]]);
      for (const { output, inputs, rule, takesSmall } of [...entries].reverse()) {
        const gradient = found.get(output);
        if (gradient === undefined) continue;
        const parts = rule(takesSmall ? gradient : emitter.expand(gradient, shapeOf(output)));
        for (const [at, input] of inputs.entries()) {
          const part = parts[at];
          if (part == null || !differentiable.has(input)) continue;
          const known = found.get(input);
          found.set(input, known === undefined ? part : emitter.add(known, part));
        }
      }
      return variables.map((variable) => {
        const gradient = found.get(variable);
        return gradient === undefined ? null : emitter.expand(gradient, shapeOf(variable));
      });
    },
  };
}

/**
 * The gradient of an operand that was broadcast to `output`, summed over the axes along which it was repeated. A
 * gradient that only broadcasts to `output` stays small where nothing is to be summed.
 */
export function sumToShape(
  emitter: Emitter,
  gradient: Value,
  shape: readonly number[],
  output: readonly number[],
): Value {
  if (sameShape(shape, output)) return gradient;
  const full = emitter.expand(gradient, output);
  const from = output;
  const added = from.length - shape.length;
  const axes = from.flatMap((size, axis) => (axis < added || (shape[axis - added] === 1 && size > 1) ? [axis] : []));
  return emitter.reshape(emitter.sum(full, axes), shape);
}
