import t from 'tap';
import { float32NdArray } from '../harness/contract/nd-array.js';
import { fromGolden, listOrders, toGolden } from './probe-order.js';

t.test('the shape tells how the elements of a golden stand in a tensor', async (t) => {
  const golden = [1, 3, 4, 5];
  for (const shape of [golden, [3, 4, 5], [1, 3, 20], [3, 20]])
    t.strictSame(listOrders(shape, golden, false), ['first']);
  for (const shape of [
    [1, 4, 5, 3],
    [4, 5, 3],
    [1, 20, 3],
    [20, 1, 3],
  ])
    t.strictSame(listOrders(shape, golden, false), ['last']);
  for (const shape of [[1, 5, 4, 3], [60], [1, 3, 5, 4], [1, 3, 4, 4]])
    t.strictSame(listOrders(shape, golden, false), []);
  t.strictSame(listOrders([1, 4, 4], [1, 4, 2, 2], false), ['first', 'last'], 'the values must tell');
  t.strictSame(listOrders([1, 4, 5, 3], golden, true), [], 'what is raw stands as it is');
  t.strictSame(listOrders([2, 7], [2, 7], false), ['first']);
});

t.test('a golden goes into a tensor and comes back', async (t) => {
  const golden = float32NdArray(
    [2, 3, 1, 2],
    Float32Array.from({ length: 12 }, (_, at) => at),
  );
  const tokens = fromGolden(golden, [2, 2, 3], 'last');
  t.strictSame([...tokens.data], [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]);
  t.strictSame(toGolden(tokens.data, golden.shape, 'last'), golden);
  t.strictSame(toGolden(golden.data, golden.shape, 'first'), golden);
});
