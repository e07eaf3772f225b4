import { type Float64Context, type Float64Tensor, mapAt, read } from '../float64-for-tests.js';
import type { OperatorCase } from '../operator-case-for-tests.js';
import type { Linear } from './linear.js';

export const float64 = (context: Float64Context): Linear<Float64Tensor> => ({
  linear(x, name) {
    const [weight, bias] = [context.get(`${name}.weight`), context.get(`${name}.bias`)];
    const [batch = 0, inputs = 0] = x.shape;
    return mapAt([batch, weight.shape[1]!], ([sample, output]) => {
      let sum = bias.data[output!]!;
      for (let i = 0; i < inputs; i++) sum += read(x, [sample!, i]) * read(weight, [i, output!]);
      return sum;
    });
  },
});

export const cases: readonly OperatorCase[] = [of('', 3, 4, 5), of('of one sample, to one number', 1, 4, 1)];

function of(name: string, batch: number, inputs: number, outputs: number): OperatorCase {
  return {
    name,
    inputs: [[batch, inputs]],
    parameters: { 'l.weight': [inputs, outputs], 'l.bias': [outputs] },
    run: (ops, [x]) => ops.linear(x!, 'l'),
  };
}
