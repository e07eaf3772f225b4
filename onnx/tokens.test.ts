import t from 'tap';
import { float32NdArray } from '../harness/contract/nd-array.js';
import { featureMapToTokens, tokensToFeatureMap } from './tokens.js';

t.test('tokens become the feature map whose size follows from the image', async (t) => {
  const tokens = float32NdArray([1, 6, 2], Float32Array.from([0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15]));
  // 5×9 halved, rounding up: 3×5, then 2×3.
  const map = tokensToFeatureMap(tokens, [1, 3, 5, 9]);
  t.strictSame(map, float32NdArray([1, 2, 2, 3], Float32Array.from([0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15])));
  t.strictSame(featureMapToTokens(map!), tokens);
});

t.test('tokens of another count have no size', async (t) => {
  t.equal(tokensToFeatureMap(float32NdArray([1, 7, 1], new Float32Array(7)), [1, 3, 5, 9]), null);
  t.equal(tokensToFeatureMap(float32NdArray([1, 0, 1], new Float32Array(0)), [1, 3, 5, 9]), null);
});
