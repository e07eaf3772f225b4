import t from 'tap';
import { float32NdArray, type NdArray } from '../harness/contract/nd-array.js';
import { EnvironmentError } from '../harness/support/errors.js';
import { takeImage } from './take-image.js';

const image = float32NdArray([1, 3, 1, 2], new Float32Array(6));
const tokens: NdArray = { dtype: 'i8', shape: [1, 2], data: new BigInt64Array(2) };
const take = (inputs: Record<string, NdArray>) => takeImage(new Map(Object.entries(inputs)));

t.test('a model of images takes the image', async (t) => {
  t.strictSame(take({ image }), image);
});

t.test('what is missing, is too many or has another type is named', async (t) => {
  const bytes: NdArray = { dtype: 'u1', shape: [1, 3, 1, 2], data: new Uint8Array(6) };
  for (const [inputs, message] of [
    [{ tokens }, 'the model takes image; the bundle has tokens'],
    [{ image, tokens }, 'the model takes image; the bundle has image and tokens'],
    [{}, 'the model takes image; the bundle has nothing'],
    [{ image: bytes }, 'the model takes image as f4 [b, c, h, w]; the bundle has it as u1 [1, 3, 1, 2]'],
    [
      { image: float32NdArray([3, 1, 2], new Float32Array(6)) },
      'the model takes image as f4 [b, c, h, w]; the bundle has it as f4 [3, 1, 2]',
    ],
  ] as const)
    t.throws(() => take(inputs), new EnvironmentError(message), message);
});
