import type { Node, Size, Value } from '../../../onnx/graph.js';
import { removeDeadNodes } from '../../../onnx/graph.js';
import { dataTypes } from '../../../onnx/model-proto.js';
import type { Builder } from '../graph/builder.js';
import { moveBefore, replaceUses } from '../graph/rewrite.js';

/**
 * Resizing to an output of the graph becomes two products with matrices that are made where the graph runs. A row holds
 * the shares that an element takes of those before: at most two are not 0. ONNX Runtime's own kernel computes one
 * element after the other: 13 ms for 19 maps of 512×1024, where the products take 6. Inside a graph it does not count.
 */
export function resizeByProducts(builder: Builder): void {
  const { graph } = builder;
  const leaving = new Set(graph.outputs.values());
  for (const resize of graph.nodes.filter(({ op, outputs }) => op === 'Resize' && leaving.has(outputs[0]!))) {
    const [x, , , sizes] = resize.inputs as [Value, null, null, Value];
    const [b = null, c = null, h = null] = x.shape;
    const output = resize.outputs[0]!;
    const before = graph.nodes.length;
    builder.scope = output.name;
    const distances = [0, 1].map((axis) => addDistances(builder, resize, x, sizes, axis));
    const [rows, columns] = distances.map((distance) => addShares(builder, distance)) as [Value, Value];
    const turned = builder.add('Transpose', [columns], [...columns.shape].reverse(), { perm: [1, 0] }); // [w, width]
    const wide = builder.add('MatMul', [x, turned], [b, c, h, turned.shape[1] ?? null]); // [b, c, h, width]
    const resized = builder.add('MatMul', [rows, wide], output.shape); // [b, c, height, width]
    moveBefore(graph, graph.nodes.slice(before), resize);
    replaceUses(graph, output, resized);
  }
  removeDeadNodes(graph);
}

/** How far apart each position of the result and each of `x` are along height or width. Shapes: [result, x]. */
function addDistances(builder: Builder, resize: Node, x: Value, sizes: Value, axis: number): Value {
  const [from, to] = [x.shape[2 + axis] ?? null, resize.outputs[0]!.shape[2 + axis] ?? null];
  const counted = builder.addSizes('Shape', [x], 1, { start: 2 + axis, end: 3 + axis });
  const wanted = builder.addSizes('Slice', [sizes, builder.sizes([axis]), builder.sizes([axis + 1])], 1);
  const number = (value: Value, size: Size): Value => builder.add('Cast', [value], [size], { to: dataTypes.float32 });
  const range = (count: Value, size: Size): Value => {
    const output = { dtype: 'int64', shape: [size] } as const;
    return number(builder.addMany('Range', [builder.sizes([0]), count, builder.sizes([1])], [output])[0]!, size);
  };
  const [n, m, i, j] = [number(counted, 1), number(wanted, 1), range(wanted, to), range(counted, from)];
  const of = (op: string, ...inputs: Value[]): Value => builder.add(op, inputs, inputs[0]!.shape);
  const scalar = builder.scalar;
  const last = of('Sub', n, scalar(1));
  // Dividends are whole numbers and exact, so that a position is rounded once.
  const aligned = () => of('Div', of('Mul', i, last), of('Max', of('Sub', m, scalar(1)), scalar(1)));
  const halfPixel = () => {
    const doubled = of('Mul', of('Add', of('Add', i, i), scalar(1)), n); // (2i + 1) · n
    const position = of('Div', of('Sub', doubled, m), of('Add', m, m));
    return of('Min', of('Max', position, scalar(0)), last);
  };
  const corners = resize.attributes.coordinate_transformation_mode === 'align_corners';
  const positions = corners ? aligned() : halfPixel();
  const apart = builder.add('Unsqueeze', [positions, builder.sizes([1])], [to, 1]);
  return builder.add('Abs', [builder.add('Sub', [apart, j], [to, from])], [to, from]);
}

/** 1 − distance, or 0 beyond. */
function addShares(builder: Builder, distances: Value): Value {
  const shares = builder.add('Sub', [builder.scalar(1), distances], distances.shape);
  return builder.add('Relu', [shares], distances.shape);
}
