// The gradient of a bilinear resize in tfjs-node-gpu. In a clone, after `npm run setup`.
const built = new URL('../../../dist/ports/tfjs/load-tensorflow.js', import.meta.url);
const { loadTensorFlow } = await import(built.href);
const { tf, report } = await loadTensorFlow({ device: 'cpu' });
const weights = tf.tensor4d([1, 2, 3, 4, 5, 6, 7], [1, 1, 7, 1]);
const alignCorners = false;
const halfPixelCenters = true;
const weighted = (x) => tf.image.resizeBilinear(x, [1, 7], alignCorners, halfPixelCenters).mul(weights).sum();
const row = (values) => tf.tensor4d(values, [1, 1, 3, 1]);

// It is linear, so its gradient is what it gives of the three unit rows.
const wanted = [row([1, 0, 0]), row([0, 1, 0]), row([0, 0, 1])].map((unit) => weighted(unit).dataSync()[0].toFixed(3));
const gradient = [
  ...tf
    .grad(weighted)(row([1, 2, 4]))
    .dataSync(),
].map((value) => value.toFixed(3));
console.log(`${report.engine} ${report.version} on ${report.provider}: ${gradient}; ${wanted} is wanted`);
