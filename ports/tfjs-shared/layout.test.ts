import t from 'tap';
import { loadWasm } from '../tfjs-wasm/load-wasm.js';
import { downloadNchw, reorder, uploadNchw } from './layout.js';

t.test('two images of two rows, three columns and two channels are turned by hand', async (t) => {
  const nhwc = Float32Array.from({ length: 24 }, (_, i) => i);
  const nchw = reorder(nhwc, [2, 2, 3, 2], 'channels first');
  t.same([...nchw], [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11, 12, 14, 16, 18, 20, 22, 13, 15, 17, 19, 21, 23]);
  t.same([...reorder(nchw, [2, 2, 3, 2], 'channels last')], [...nhwc]);
});

t.test('small and large maps come back as they went, and lie on the engine channels last', async (t) => {
  const { tf } = await loadWasm({ device: 'cpu' });
  for (const shape of [
    [2, 3, 5, 7],
    [1, 5, 160, 130],
  ] as const) {
    const [b, c, h, w] = shape;
    const data = Float32Array.from({ length: b * c * h * w }, (_, i) => Math.sin(i));
    const uploaded = uploadNchw(tf, data, shape);
    t.same(uploaded.shape, [b, h, w, c]);
    t.equal(uploaded.dataSync()[1], data[h * w], 'the second number is the second channel');
    t.same(downloadNchw(tf, uploaded), data);
    uploaded.dispose();
  }
});
