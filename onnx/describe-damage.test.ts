import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { exportModel } from '../ports/ort/export-model.js';
import { smallSection } from '../ports/ort/small-model-for-tests.js';
import { seededModel } from '../ports/tfjs-shared/seeded-model-for-tests.js';
import { describeDamage } from './describe-damage.js';
import { readOnnxModel } from './read-model.js';

const { weights } = await seededModel(smallSection, [1, 3, 32, 32]);
const whole = await exportModel(smallSection, weights, { draws: 'input', layers: false, origin: new Map() });

t.test('a file that was cut anywhere is refused, and within its graph told by its length', async (t) => {
  const folder = t.testdir();
  const seed = Date.now() % 2 ** 31;
  t.comment(`seed ${seed}`);
  for (let trial = 0; trial < 40; trial++) {
    const length = Math.floor((((seed + trial) * 2654435761) % 2 ** 32) * 2 ** -32 * (whole.length - 1000)) + 40;
    const path = join(folder, 'cut.onnx');
    writeFileSync(path, whole.subarray(0, length));
    await t.rejects(readOnnxModel(path), {
      name: 'UserError',
      message: `Cannot read ${path}: the file ends after ${length} bytes, in the middle of the model; a whole ONNX model is wanted. Fix: copy or export it again`,
    });
  }
});

t.test('a file of another kind is called what it is', async (t) => {
  const text = (content: string) => Buffer.from(content, 'latin1');
  for (const [bytes, is] of [
    [text(''), 'it is empty'],
    [text('not a model'), 'it is not an ONNX file'],
    [text('<!DOCTYPE html>'), 'it is a web page'],
    [text('PK\x03\x04\x14'), 'it is a zip, as PyTorch and NumPy write them'],
    [text('\x80\x04\x95'), 'it is a pickle, as PyTorch and Paddle write them'],
    [text('\x89HDF\r\n'), 'it is an HDF5 file, as Keras writes them'],
    [text('\x1c\0\0\0TFL3'), 'it is a TensorFlow Lite file'],
  ] as const)
    t.equal(describeDamage(bytes), is);
});
