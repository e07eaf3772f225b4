import t from 'tap';
import { findTfjsAddon } from '../addon.js';
import { loadTensorFlow } from '../load-tensorflow.js';
import { eagerTensorOperators } from './tensor-operators.js';

if (findTfjsAddon('cpu') === null) {
  t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
} else {
  const { tf } = await loadTensorFlow({ device: 'cpu' });

  t.test('the elements that are the largest of what is differentiated have gradients, the others none', async (t) => {
    const ops = eagerTensorOperators(tf);
    const gradient = tf.tidy(() => {
      const squaresOfTheLargest = tf.grad((x) => {
        const squares = ops.mul(x, x);
        return ops.sumLast(ops.gather(squares, ops.largest(squares, 2)));
      });
      return [...squaresOfTheLargest(tf.tensor1d([1, -4, 2, 3])).dataSync()];
    });
    t.strictSame(gradient, [0, -8, 0, 6]);
  });
}
