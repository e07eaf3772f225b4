import t from 'tap';
import { findPrecision } from './precision.js';

t.test('every operator that computes in 8 bits makes a file int8', async (t) => {
  for (const opType of [
    'DequantizeLinear',
    'DynamicQuantizeLinear',
    'MatMulInteger',
    'ConvInteger',
    'QLinearConv',
    'QLinearMatMul',
    'QGemm',
    'QLinearAdd',
  ]) {
    const found = findPrecision({ node: [{ opType: 'Conv' }, { opType }] });
    t.strictSame(found, { name: 'int8', said: `int8, with ${opType}` });
  }
  t.equal(findPrecision({ node: [{ opType: 'Conv' }, { opType: 'QuickGelu' }] }), null);
});

t.test('of several precisions the one that is not judged is said', async (t) => {
  const weights = (...types: number[]) => ({ initializer: types.map((dataType) => ({ dataType })) });
  t.equal(findPrecision(weights(1, 10))?.name, 'fp16');
  t.equal(findPrecision(weights(10, 16))?.name, 'bf16');
  t.equal(findPrecision({ ...weights(10), node: [{ opType: 'DequantizeLinear' }] })?.name, 'int8');
});
