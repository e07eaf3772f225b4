import type { Operators } from '../../../models/operators.js';
import type { Value } from '../../../onnx/graph.js';
import { type BuildContext, parameter } from '../build-context.js';
import type { Builder } from '../graph/builder.js';

/** Statistics are left to ONNX Runtime's own kernels: they sum along contiguous memory, in many lanes. */
export function buildNorms(context: BuildContext): Pick<Operators<Value>, 'batchNorm' | 'layerNorm' | 'groupNorm'> {
  const { builder } = context;
  const of = (name: string, leaf: string): Value => parameter(context, `${name}.${leaf}`);
  return {
    batchNorm(x, name, { epsilon }) {
      builder.scope = name;
      const statistics = ['weight', 'bias', '_mean', '_variance'].map((leaf) => of(name, leaf));
      return builder.add('BatchNormalization', [x, ...statistics], x.shape, { epsilon: { float: epsilon } });
    },
    layerNorm(x, name, { epsilon }) {
      builder.scope = name;
      const [b = null, c = null, h = null, w = null] = x.shape;
      const last = builder.add('Transpose', [x], [b, h, w, c], { perm: [0, 2, 3, 1] }); // [b, h, w, c]
      // The kernel takes the variance as E[x²] − E[x]², which cancels unless the mean is 0: 3 × noise, 1.4 × once
      // centred.
      const mean = builder.add('ReduceMean', [last, builder.sizes([-1])], [b, h, w, 1], { keepdims: 1 });
      const centred = builder.add('Sub', [last, mean], last.shape);
      const attributes = { axis: -1, epsilon: { float: epsilon } };
      const inputs = [centred, of(name, 'weight'), of(name, 'bias')];
      const normalized = builder.add('LayerNormalization', inputs, last.shape, attributes);
      return builder.add('Transpose', [normalized], x.shape, { perm: [0, 3, 1, 2] }); // [b, c, h, w]
    },
    groupNorm(x, name, { groups, epsilon }) {
      builder.scope = name;
      const normalized = normalizeGroups(builder, x, groups, epsilon);
      const scaled = builder.add('Mul', [normalized, perChannel(builder, of(name, 'weight'))], x.shape);
      return builder.add('Add', [scaled, perChannel(builder, of(name, 'bias'))], x.shape);
    },
  };
}

/** A group becomes a channel of an instance norm whose own weight and bias are 1 and 0. */
function normalizeGroups(builder: Builder, x: Value, groups: number, epsilon: number): Value {
  const b = x.shape[0] ?? null;
  const joined = builder.add('Reshape', [x, builder.sizes([0, groups, -1])], [b, groups, null]); // [b, g, c / g · h · w]
  const one = builder.constant(`ones/${groups}`, [groups], new Float32Array(groups).fill(1));
  const zero = builder.constant(`zeros/${groups}`, [groups], new Float32Array(groups));
  const attributes = { epsilon: { float: epsilon } };
  const normalized = builder.add('InstanceNormalization', [joined, one, zero], joined.shape, attributes);
  return builder.add('Reshape', [normalized, builder.addSizes('Shape', [x], 4)], x.shape); // [b, c, h, w]
}

/** A vector [c] as [c, 1, 1]. The parameter itself stays whole, under its own name. */
function perChannel(builder: Builder, vector: Value): Value {
  return builder.add('Unsqueeze', [vector, builder.sizes([1, 2])], [...vector.shape, 1, 1]);
}
