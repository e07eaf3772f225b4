// Run in a process of its own: loads the addon given, multiplies two matrices, prints what TensorFlow says of itself.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';

const [addonPath, packageFolder] = process.argv.slice(2);
if (addonPath === undefined || packageFolder === undefined) throw new Error('usage: try-tfjs ADDON PACKAGE-FOLDER');

// Removed from Node after 22; the backend's JavaScript uses them.
const legacy = util as unknown as Record<string, unknown>;
legacy.isNullOrUndefined ??= (value: unknown) => value == null;
legacy.isArray ??= Array.isArray;

interface Tensor {
  data(): Promise<Float32Array>;
}
interface TfjsNode {
  tensor2d(values: readonly (readonly number[])[]): Tensor;
  matMul(left: Tensor, right: Tensor): Tensor;
  backend(): { binding: { TF_Version: string }; isUsingGpuDevice: boolean };
}

const require = createRequire(join(packageFolder, 'package.json'));
// node-pre-gyp's own `find` is a getter that reads this one.
require('@mapbox/node-pre-gyp/lib/pre-binding').find = () => addonPath;
const tf: TfjsNode = require(packageFolder);
const left = tf.tensor2d([
  [1, 2],
  [3, 4],
]);
const product = [...(await tf.matMul(left, left).data())];
const { binding, isUsingGpuDevice } = tf.backend();
process.stdout.write(`${JSON.stringify({ tensorflow: binding.TF_Version, gpu: isUsingGpuDevice, product })}\n`);
