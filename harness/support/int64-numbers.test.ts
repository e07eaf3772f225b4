import t from 'tap';
import { copyInt64 } from './int64-numbers.js';

t.test('whole numbers of 64 bits are copied as Number() gives them', async (t) => {
  const numbers = [0n, 1n, -1n, 255n, 2n ** 31n, -(2n ** 31n) - 1n, 2n ** 32n - 1n, 2n ** 53n, -(2n ** 53n), 2n ** 62n];
  const data = BigInt64Array.from([7n, ...numbers]).subarray(1);
  t.same([...copyInt64(data, new Float64Array(numbers.length))], numbers.map(Number));
  t.same(
    [...copyInt64(data, new Float32Array(numbers.length))],
    numbers.map((number) => Math.fround(Number(number))),
  );
});

t.test('class numbers are copied into 32 bits', async (t) => {
  t.same([...copyInt64(BigInt64Array.of(18n, 255n, -3n), new Int32Array(3))], [18, 255, -3]);
});
