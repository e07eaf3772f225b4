import { type ConvOptions, paddingSides } from '../conv-options.js';
import { dimensions, type Float64Context, type Float64Tensor, mapAt, read } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { Conv2d } from './conv2d.js';

export const float64 = (context: Float64Context): Conv2d<Float64Tensor> => ({
  conv2d(x, name, options) {
    const kernel = context.get(`${name}.weight`);
    const bias = options.bias ? context.get(`${name}.bias`).data : null;
    const [b, , h, w] = dimensions(x);
    const [out, inner, kh, kw] = dimensions(kernel);
    const { top, left, bottom, right } = paddingSides(options);
    const [down, across] = options.stride;
    const [apartDown, apartAcross] = options.dilation ?? [1, 1];
    const height = Math.floor((h + top + bottom - apartDown * (kh - 1) - 1) / down) + 1;
    const width = Math.floor((w + left + right - apartAcross * (kw - 1) - 1) / across) + 1;
    return mapAt([b, out, height, width], ([image, output, row, column]) => {
      let sum = bias === null ? 0 : bias[output!]!;
      const first = Math.floor(output! / (out / options.groups)) * inner;
      for (let i = 0; i < inner; i++) {
        for (let y = 0; y < kh; y++) {
          for (let z = 0; z < kw; z++) {
            const sourceRow = row! * down + y * apartDown - top;
            const sourceColumn = column! * across + z * apartAcross - left;
            if (sourceRow < 0 || sourceRow >= h || sourceColumn < 0 || sourceColumn >= w) continue;
            sum += read(x, [image!, first + i, sourceRow, sourceColumn]) * read(kernel, [output!, i, y, z]);
          }
        }
      }
      return sum;
    });
  },
});

export const cases: readonly OperatorCase[] = [
  conv('1×1', [3, 4, 1, 1], {}),
  conv('1×1 without bias', [3, 4, 1, 1], { bias: false }),
  conv('3×3 at stride 2', [3, 4, 3, 3], { stride: [2, 2], padding: [1, 1] }),
  conv('3×3, padded on two sides', [3, 4, 3, 3], { stride: [2, 2], padding: [0, 0, 2, 2] }),
  conv('depthwise 3×3', [4, 1, 3, 3], { groups: 4, padding: [1, 1] }),
  conv('depthwise 5×5', [4, 1, 5, 5], { groups: 4, padding: [2, 2] }),
  conv('depthwise 1×7', [4, 1, 1, 7], { groups: 4, padding: [0, 3] }),
  conv('depthwise 7×1', [4, 1, 7, 1], { groups: 4, padding: [3, 0] }),
  conv('1×1 of three channels', [4, 3, 1, 1], {}, [2, 3, 4, 5]),
  conv('3×3 at stride 2, of an even height', [4, 3, 3, 3], { stride: [2, 2], padding: [1, 1] }, [2, 3, 6, 7]),
  conv(
    '3×3 at stride 2, padded on two sides, of one sample',
    [3, 2, 3, 3],
    { stride: [2, 2], padding: [0, 0, 2, 2] },
    [1, 2, 7, 6],
  ),
  conv('3×3', [4, 3, 3, 3], { padding: [1, 1] }, [2, 3, 4, 5]),
  conv('2×5 at stride 2×3, more of the map than is reached', [3, 2, 2, 5], { stride: [2, 3] }, [2, 2, 7, 12]),
  conv('1×1 at stride 2', [3, 2, 1, 1], { stride: [2, 2] }, [1, 2, 6, 6]),
  conv('depthwise 5×5 of three channels', [3, 1, 5, 5], { groups: 3, padding: [2, 2] }, [2, 3, 6, 7]),
  conv('depthwise 3×3 without padding', [3, 1, 3, 3], { groups: 3 }, [2, 3, 6, 7]),
  conv('depthwise 1×7 of three channels', [3, 1, 1, 7], { groups: 3, padding: [0, 3] }, [2, 3, 4, 9]),
  conv('depthwise 1×7, wider than the map', [2, 1, 1, 7], { groups: 2, padding: [0, 3] }, [1, 2, 4, 2]),
  conv('depthwise 5×1', [3, 1, 5, 1], { groups: 3, padding: [2, 0] }, [2, 3, 8, 4]),
  conv('depthwise 7×7, dilated by 3', [2, 1, 7, 7], { groups: 2, padding: [9, 9], dilation: [3, 3] }, [2, 2, 7, 11]),
  conv('depthwise 3×5, dilated by 2×1', [3, 1, 3, 5], { groups: 3, padding: [2, 2], dilation: [2, 1] }, [2, 3, 4, 6]),
  conv(
    '2×3 at stride 2, dilated by 3×2',
    [3, 2, 2, 3],
    { stride: [2, 2], padding: [1, 2], dilation: [3, 2] },
    [1, 2, 6, 7],
  ),
  conv('3×3, dilated by 2', [3, 2, 3, 3], { padding: [2, 2], dilation: [2, 2] }, [2, 2, 5, 6]),
  conv(
    '3×2, dilated by 2×3 and padded on two sides',
    [3, 2, 3, 2],
    { padding: [0, 0, 3, 2], dilation: [2, 3] },
    [2, 2, 5, 6],
  ),
];

function conv(name: string, weight: readonly number[], options: Partial<ConvOptions>, map = mapShape): OperatorCase {
  const all: ConvOptions = { stride: [1, 1], padding: [0, 0], groups: 1, bias: true, ...options };
  return {
    name,
    inputs: [map],
    parameters: { 'c.weight': weight, ...(all.bias ? { 'c.bias': weight.slice(0, 1) } : {}) },
    run: (ops, [x]) => ops.conv2d(x!, 'c', all),
  };
}
