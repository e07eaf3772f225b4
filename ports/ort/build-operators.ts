import { convolvedSize } from '../../models/conv-options.js';
import { scaledSize } from '../../models/operators/resize-by-ratio.js';
import type { ConvOptions, Operators } from '../../models/operators.js';
import type { Size, Value } from '../../onnx/graph.js';
import { dataTypes } from '../../onnx/model-proto.js';
import { type BuildContext, parameter, replacementInput } from './build-context.js';
import type { Builder } from './graph/builder.js';
import { buildMatrixOperators } from './operators/matrices.js';
import { buildNorms } from './operators/norms.js';

/** Operators that append nodes of ONNX to a graph: batch, height and width stay open where the image's are. */
export function buildOperators(context: BuildContext): Operators<Value> {
  const { builder } = context;
  const draws = new Map<string, Value>();
  const elementwise = (op: string, a: Value, b: Value): Value =>
    builder.add(op, [a, b], a.shape.length >= b.shape.length ? a.shape : b.shape);
  return {
    ...buildNorms(context),
    ...buildMatrixOperators(context),
    conv2d: (x, name, options) => conv2d(context, x, name, options),
    scaleChannels: (x, name) => builder.add('Mul', [x, parameter(context, name)], x.shape),
    gelu: (x, { approximate } = { approximate: 'none' }) => builder.add('Gelu', [x], x.shape, { approximate }),
    relu: (x) => builder.add('Relu', [x], x.shape),
    softmax(x, { scale } = { scale: 1 }) {
      const scaled = scale === 1 ? x : builder.add('Mul', [x, builder.scalar(scale)], x.shape);
      return builder.add('Softmax', [scaled], x.shape, { axis: -1 });
    },
    detach: (x) => x,
    add: (a, b) => elementwise('Add', a, b),
    mul: (a, b) => elementwise('Mul', a, b),
    div: (a, b) => elementwise('Div', a, b),
    addScalar: (x, scalar) => builder.add('Add', [x, builder.scalar(scalar)], x.shape),
    concatChannels(xs) {
      const [b = null, , h = null, w = null] = xs[0]?.shape ?? [];
      return builder.add('Concat', xs, [b, sum(xs.map((x) => x.shape[1] ?? null)), h, w], { axis: 1 });
    },
    resizeBilinear: (x, like, { alignCorners }) => resizeBilinear(builder, x, like, alignCorners),
    resizeByRatio: (x, ratio, { alignCorners }) => resizeByRatio(builder, x, ratio, alignCorners),
    draw(name) {
      const known = draws.get(name) ?? builder.input(name, [null, null, null]);
      draws.set(name, known);
      return known;
    },
    buffer: (name) => parameter(context, name),
    repeatForBatch: (x, like) => repeatForBatch(builder, x, like),
    probe: (name, x) => probe(context, name, x),
    scope: (body) => body(),
  };
}

function conv2d(context: BuildContext, x: Value, name: string, options: ConvOptions): Value {
  const { builder } = context;
  const { stride, dilation = [1, 1], padding, groups, bias } = options;
  const weight = parameter(context, `${name}.weight`); // [o, i / groups, kh, kw]
  const [top, left, bottom = top, right = left] = padding;
  const [out = null, , kh = 1, kw = 1] = weight.shape;
  const kernel = [kh ?? 1, kw ?? 1] as const;
  const [b = null, , h = null, w = null] = x.shape;
  const [height, width] = convolvedSize([h ?? 0, w ?? 0], kernel, options);
  const shape = [b, out, h === null ? null : height, w === null ? null : width];
  builder.scope = name;
  return builder.add('Conv', bias ? [x, weight, parameter(context, `${name}.bias`)] : [x, weight], shape, {
    kernel_shape: [...kernel],
    strides: [...stride],
    dilations: [...dilation],
    pads: [top, left, bottom, right],
    group: groups,
  });
}

/** Sizes are read off `like` when the graph runs. A source position is (i + ½)·in/out − ½, or i·(in − 1)/(out − 1). */
function resizeBilinear(builder: Builder, x: Value, like: Value, alignCorners: boolean): Value {
  const sizes = builder.addSizes('Shape', [like], 2, { start: 2, end: 4 });
  return resize(builder, x, sizes, like.shape.slice(2), alignCorners);
}

/** The sizes that `scaledSize` gives, computed where the graph runs. */
function resizeByRatio(builder: Builder, x: Value, ratio: number, alignCorners: boolean): Value {
  const given = builder.addSizes('Shape', [x], 2, { start: 2, end: 4 });
  const scaled = builder.add(
    'Mul',
    [builder.add('Cast', [given], [2], { to: dataTypes.float32 }), builder.scalar(ratio)],
    [2],
  );
  const sizes = builder.addSizes('Cast', [scaled], 2, { to: dataTypes.int64 });
  const known = x.shape.slice(2).map((size) => (size === null ? null : scaledSize(size, ratio)));
  return resize(builder, x, sizes, known, alignCorners);
}

function resize(
  builder: Builder,
  x: Value,
  sizes: Value,
  [height = null, width = null]: readonly Size[],
  alignCorners: boolean,
): Value {
  const [b = null, c = null] = x.shape;
  return builder.add('Resize', [x, null, null, sizes], [b, c, height, width], {
    mode: 'linear',
    coordinate_transformation_mode: alignCorners ? 'align_corners' : 'half_pixel',
    axes: [2, 3],
  });
}

function repeatForBatch(builder: Builder, x: Value, like: Value): Value {
  const [s = null, m = null, n = null] = x.shape;
  const batch = builder.addSizes('Shape', [like], 1, { start: 0, end: 1 });
  const apart = builder.add('Unsqueeze', [x, builder.sizes([1])], [s, 1, m, n]); // [s, 1, m, n]
  const wanted = builder.addSizes('Concat', [builder.sizes([1]), batch, builder.sizes([1, 1])], 4, { axis: 0 });
  const repeated = builder.add('Expand', [apart, wanted], [s, like.shape[0] ?? null, m, n]); // [s, b, m, n]
  return builder.add('Reshape', [repeated, builder.sizes([-1, m ?? 0, n ?? 0])], [null, m, n]); // [s·b, m, n]
}

function probe({ builder, probes, replaced, named, countCall }: BuildContext, name: string, x: Value): Value {
  const { call, names } = countCall(name);
  const wanted = names.filter((one) => probes.has(one));
  // A tensor with a name of its own keeps it: the last layer of a classifier is its logits.
  for (const one of wanted) builder.graph.outputs.set(one, named === null ? x : builder.named(one, x));
  if (wanted.length === 0 && named !== null)
    return builder.named(named.repeated.has(name) ? `${name}#${call}` : name, x);
  const replacement = names.find((one) => replaced.has(one));
  return replacement === undefined ? x : builder.input(replacementInput(replacement), x.shape);
}

function sum(sizes: readonly Size[]): Size {
  return sizes.reduce((total, size) => (total === null || size === null ? null : total + size), 0);
}
