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
    t.strictSame(found, { name: 'int8', said: `int8, with ${opType},` });
  }
  t.equal(findPrecision({ node: [{ opType: 'Conv' }, { opType: 'QuickGelu' }] }), null);
});
