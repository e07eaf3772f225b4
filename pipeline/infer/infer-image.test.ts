import t from 'tap';
import { inferImage, type Network } from './infer-image.js';
import { flipPlanes, type Planes } from './planes.js';
import { resizePlanes } from './resize-planes.js';
import { plainTest } from './test-config.js';

function image(height: number, width: number): Planes<Float32Array> {
  return { channels: 1, height, width, data: Float32Array.from({ length: height * width }, (_, at) => at) };
}

/** Gives each image back, and notes its size. */
function echo(): { network: Network; sizes: string[] } {
  const sizes: string[] = [];
  return {
    sizes,
    network: async (given) => {
      sizes.push(`${given.height}×${given.width}`);
      return given;
    },
  };
}

t.test('a network that gives the image back gives it back through every flip, scale and window', async (t) => {
  const given = image(8, 12);
  const flips = { augmented: true, scales: [1], flipHorizontal: true, flipVertical: true, windows: null };
  const flipped = echo();
  const averaged = await inferImage(flipped.network, given, [], flips);
  t.same(averaged.data, given.data);
  t.equal(flipped.sizes.length, 4);

  const windows = { ...plainTest, windows: { cropSize: [5, 4] as const, stride: [4, 3] as const } };
  const slid = echo();
  const joined = await inferImage(slid.network, given, [], windows);
  t.same([...joined.data], [...given.data]);
  t.ok(joined.data instanceof Float64Array, 'windows are averaged in float64');
  t.same(slid.sizes, new Array(9).fill('4×5'), 'three by three windows, the last moved back');
});

t.test('scales are rounded half up and an image smaller than a window is used as it is', async (t) => {
  const scaled = echo();
  await inferImage(scaled.network, image(5, 7), [], {
    augmented: true,
    scales: [0.5, 1.5],
    flipHorizontal: false,
    flipVertical: false,
    windows: null,
  });
  t.same(scaled.sizes, ['3×4', '8×11']);
  const small = echo();
  await inferImage(small.network, image(3, 4), [], { ...plainTest, windows: { cropSize: [9, 9], stride: [6, 6] } });
  t.same(small.sizes, ['3×4']);
});

t.test('windows that leave pixels out are refused', async (t) => {
  await t.rejects(
    inferImage(echo().network, image(4, 12), [], { ...plainTest, windows: { cropSize: [4, 4], stride: [8, 8] } }),
    /Cannot infer by windows of 4×4 every 8×8 pixels: they leave some of 12×4 out/,
  );
});

t.test('what transforms did to the size is undone, the last first', async (t) => {
  const sizes = [
    { kind: 'resize', height: 6, width: 6 },
    { kind: 'padding', height: 3, width: 4 },
  ] as const;
  const found = await inferImage(echo().network, image(8, 8), sizes, plainTest);
  t.equal(found.height, 6);
  t.equal(found.width, 6);
  t.equal(found.data[0], 0);
  t.equal(found.data.at(-1), 19, 'the last pixel that is left of the padded one is its corner');
});

t.test('bilinear resizing is half-pixel with repeated edges, and a flip twice is nothing', async (t) => {
  const line: Planes<Float32Array> = { channels: 1, height: 1, width: 2, data: Float32Array.of(0, 1) };
  t.same([...resizePlanes(line, 1, 4).data], [0, 0.25, 0.75, 1]);
  t.equal(resizePlanes(line, 1, 2), line);
  const given = image(3, 5);
  const both = { horizontal: true, vertical: true };
  t.same(flipPlanes(flipPlanes(given, both), both).data, given.data);
  t.equal(flipPlanes(given, both).data[0], 14);
});
