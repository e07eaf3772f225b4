import t from 'tap';
import { parseLoss } from '../../../training/loss.js';
import { paddleValues } from '../../../training/paddle-values-for-tests.js';
import type { Tensor } from '../../tfjs-shared/tensorflow-js.js';
import { findTfjsAddon } from '../addon.js';
import { loadTensorFlow } from '../load-tensorflow.js';
import { eagerTensorOperators } from './tensor-operators.js';

/** Of values near 1, in float32. */
const tolerance = 2e-6;

if (findTfjsAddon('cpu') === null) {
  t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
} else {
  const { tf } = await loadTensorFlow({ device: 'cpu' });
  const ops = eagerTensorOperators(tf);
  const [b, c, h, w] = paddleValues.shape;
  const logits = tf.tensor([...paddleValues.logits], [b, c, h * w], 'float32');
  const labels = tf.tensor2d([...paddleValues.label], [b, h * w], 'int32');

  for (const { section, value, gradient } of paddleValues.losses) {
    t.test(`${JSON.stringify(section)} has Paddle's value and gradient`, async (t) => {
      const loss = parseLoss({ types: [section], coef: [1] });
      const found = tf
        .engine()
        .gradients(() => loss.total(ops, tf.transpose(logits, [0, 2, 1]), labels), [logits], undefined, true);
      const actual = found.value.dataSync()[0]!;
      t.ok(Math.abs(actual - value) <= tolerance, `${actual}, ${value}`);
      const slopes = (found.grads[0] as Tensor).dataSync();
      const worst = Math.max(...gradient.map((expected, at) => Math.abs(slopes[at]! - expected)));
      t.ok(worst <= tolerance, `the gradient errs by ${worst}`);
    });
  }
}
