import type { Operators } from './operators.js';

/**
 * One operator on small tensors: every engine that trains is held to its gradient by each of its inputs and parameters.
 */
export interface OperatorCase {
  readonly name: string;
  /** Shapes of what is differentiated by, in the order in which `run` takes them. */
  readonly inputs: readonly (readonly number[])[];
  /** Parameters by name, differentiated by, too. */
  readonly parameters?: Readonly<Record<string, readonly number[]>>;
  /** Kept flags and bases: not differentiated by. */
  readonly draws?: Readonly<Record<string, readonly number[]>>;
  /** Keeps the values away from where the operator has no derivative or none that is bounded. */
  readonly range?: readonly [lo: number, hi: number];
  run<T>(ops: Operators<T>, inputs: readonly T[]): T;
}

const map = [2, 4, 5, 6];
const plain = { stride: [1, 1], padding: [0, 0], groups: 1, bias: true } as const;
const norm = { 'n.weight': [4], 'n.bias': [4] };

export const operatorCases: readonly OperatorCase[] = [
  conv('1×1', [3, 4, 1, 1], {}),
  conv('1×1 without bias', [3, 4, 1, 1], { bias: false }),
  conv('3×3 at stride 2', [3, 4, 3, 3], { stride: [2, 2], padding: [1, 1] }),
  conv('3×3, padded on two sides', [3, 4, 3, 3], { stride: [2, 2], padding: [0, 0, 2, 2] }),
  conv('depthwise 3×3', [4, 1, 3, 3], { groups: 4, padding: [1, 1] }),
  conv('depthwise 5×5', [4, 1, 5, 5], { groups: 4, padding: [2, 2] }),
  conv('depthwise 1×7', [4, 1, 1, 7], { groups: 4, padding: [0, 3] }),
  conv('depthwise 7×1', [4, 1, 7, 1], { groups: 4, padding: [3, 0] }),
  of('batchNorm', norm, (ops, [x]) => ops.batchNorm(x!, 'n', { epsilon: 1e-5 })),
  of('layerNorm', norm, (ops, [x]) => ops.layerNorm(x!, 'n', { epsilon: 1e-5 })),
  of('groupNorm', norm, (ops, [x]) => ops.groupNorm(x!, 'n', { groups: 2, epsilon: 1e-5 })),
  of('scaleChannels', { s: [4, 1, 1] }, (ops, [x]) => ops.scaleChannels(x!, 's')),
  of('gelu', {}, (ops, [x]) => ops.gelu(x!)),
  of('gelu, tanh', {}, (ops, [x]) => ops.gelu(x!, { approximate: 'tanh' })),
  {
    // Signs are drawn, so that no value comes near the kink.
    ...tokens('relu', [[2, 5, 3]], (ops, [x]) => ops.relu(ops.mul(x!, ops.addScalar(ops.draw('d'), -0.5)))),
    draws: { d: [2, 5, 3] },
    range: [0.5, 2],
  },
  tokens('softmax', [[2, 5, 3]], (ops, [x]) => ops.softmax(x!)),
  tokens('add', [map, map], (ops, [a, b]) => ops.add(a!, b!)),
  tokens('mul', [map, map], (ops, [a, b]) => ops.mul(a!, b!)),
  { ...tokens('div', [map, map], (ops, [a, b]) => ops.div(a!, b!)), range: [0.5, 2] },
  tokens('addScalar', [map], (ops, [x]) => ops.addScalar(x!, 1.5)),
  tokens('concatChannels', [map, [2, 3, 5, 6]], (ops, xs) => ops.concatChannels(xs)),
  ...([true, false] as const).flatMap((alignCorners) => [
    resize(`up, align_corners ${alignCorners}`, [2, 3, 3, 4], [2, 1, 7, 9], alignCorners),
    resize(`down, align_corners ${alignCorners}`, [2, 3, 7, 9], [2, 1, 3, 5], alignCorners),
    resize(`from one pixel, align_corners ${alignCorners}`, [2, 3, 1, 1], [2, 1, 4, 3], alignCorners),
  ]),
  tokens('toTokens', [map], (ops, [x]) => ops.toTokens(x!, 2)),
  tokens('fromTokens', [[4, 30, 2], map], (ops, [x, like]) => ops.fromTokens(x!, like!, 2)),
  ...([true, false] as const).flatMap((transposeA) =>
    ([true, false] as const).map((transposeB) =>
      tokens(
        `matMul ${transposeA ? 'aᵀ' : 'a'}·${transposeB ? 'bᵀ' : 'b'}`,
        [transposeA ? [2, 5, 3] : [2, 3, 5], transposeB ? [2, 4, 5] : [2, 5, 4]],
        (ops, [a, b]) => ops.matMul(a!, b!, { transposeA, transposeB }),
      ),
    ),
  ),
  tokens('l2Normalize over rows', [[2, 5, 3]], (ops, [x]) => ops.l2Normalize(x!, { axis: 1, epsilon: 1e-12 })),
  tokens('l2Normalize over columns', [[2, 5, 3]], (ops, [x]) => ops.l2Normalize(x!, { axis: 2, epsilon: 1e-12 })),
  tokens('repeatForBatch', [[2, 3, 2], map], (ops, [x, like]) => ops.repeatForBatch(x!, like!)),
  {
    ...of('dropPath', {}, (ops, [x]) => ops.training!.dropPath(x!, 'd', { rate: 0.25, call: 1 })),
    draws: { d: [2, 2] },
  },
  {
    ...of('dropout2d', {}, (ops, [x]) => ops.training!.dropout2d(x!, 'd', { rate: 0.25 })),
    draws: { d: [1, 2, 4] },
  },
];

type Run = <T>(ops: Operators<T>, inputs: readonly T[]) => T;

function of(name: string, parameters: Readonly<Record<string, readonly number[]>>, run: Run): OperatorCase {
  return { name, inputs: [map], parameters, run };
}

function tokens(name: string, inputs: readonly (readonly number[])[], run: Run): OperatorCase {
  return { name, inputs, run };
}

function conv(name: string, weight: readonly number[], options: object): OperatorCase {
  const all = { ...plain, ...options };
  return {
    name: `conv2d ${name}`,
    inputs: [map],
    parameters: { 'c.weight': weight, ...(all.bias ? { 'c.bias': weight.slice(0, 1) } : {}) },
    run: (ops, [x]) => ops.conv2d(x!, 'c', all),
  };
}

function resize(name: string, from: readonly number[], like: readonly number[], alignCorners: boolean): OperatorCase {
  return {
    name: `resizeBilinear ${name}`,
    inputs: [from, like],
    run: (ops, [x, target]) => ops.resizeBilinear(x!, target!, { alignCorners }),
  };
}
