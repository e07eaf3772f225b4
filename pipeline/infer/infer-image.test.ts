import t from 'tap';
import { uniform } from '../../harness/golden/seeded.js';
import { computeBlend } from './blend.js';
import { inferImage } from './infer-image.js';
import { labelBlend } from './label-blend.js';
import type { Network } from './network.js';
import { addPlanes, flipPlanes, type Planes } from './planes.js';
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
  const averaged = computeBlend(await inferImage(flipped.network, given, [], flips));
  t.same(averaged.data, given.data);
  t.equal(flipped.sizes.length, 4);

  const windows = { ...plainTest, windows: { cropSize: [5, 4] as const, stride: [4, 3] as const } };
  const slid = echo();
  const joined = computeBlend(await inferImage(slid.network, given, [], windows));
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
  const found = computeBlend(await inferImage(echo().network, image(8, 8), sizes, plainTest));
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

t.test('resizing twice at once is resizing twice, and flips may be summed before', async (t) => {
  const random = (height: number, width: number): Planes<Float32Array> => ({
    channels: 2,
    height,
    width,
    data: Float32Array.from(uniform(3, `${height}`, 2 * height * width)),
  });
  const small = random(5, 7);
  const between = { height: 30, width: 44 };
  const last = { channels: 2, height: 40, width: 56 };
  const close = (actual: Planes, expected: Planes) =>
    t.ok(actual.data.every((value, at) => Math.abs(value - expected.data[at]!) < 1e-6));
  const once = computeBlend({ ...last, terms: [{ planes: small, through: [between, last] }], divisor: 1 });
  close(once, resizePlanes(resizePlanes(small, between.height, between.width), last.height, last.width));

  const other = random(5, 7);
  const flip = { horizontal: true, vertical: true };
  const summed = { ...small, data: small.data.slice() };
  addPlanes(summed, other, flip);
  const late = resizePlanes(summed, 30, 44);
  const early = resizePlanes(small, 30, 44);
  addPlanes(early, flipPlanes(resizePlanes(other, 30, 44), flip), { horizontal: false, vertical: false });
  close(late, early);

  const smaller = computeBlend({
    ...last,
    height: 3,
    width: 4,
    terms: [{ planes: small, through: [{ height: 3, width: 4 }] }],
    divisor: 2,
  });
  close(smaller, { ...smaller, data: resizePlanes(small, 3, 4).data.map((value) => value / 2) });
});

t.test('the class of a pixel is the largest value, the lowest class on ties', async (t) => {
  const planes = {
    channels: 3,
    height: 1,
    width: 4,
    data: Float32Array.of(1, 0, 2, Number.NaN, 1, 5, 2, 1, 0, 5, 3, 0),
  };
  const blend = { ...planes, terms: [{ planes, through: [] }], divisor: 1 };
  t.same([...labelBlend(blend)], [0, 1, 2, 0]);
});

t.test('classes that are left out early are those that would not have won', async (t) => {
  const seed = Date.now() % 2 ** 31;
  t.comment(`seed ${seed}`);
  for (const [height, width, channels, kind] of [
    [9, 13, 11, 'two scales'],
    [16, 24, 19, 'two scales'],
    [9, 13, 11, 'one scale'],
    [35, 50, 19, 'one scale in float64'],
    [9, 13, 11, 'ties'],
    [9, 13, 11, 'NaN'],
  ] as const) {
    const noise = uniform(seed, 'scores', channels * height * width);
    // Broad hills, so that some classes are far below others, and noise, so that some are close.
    const hills = Float64Array.from(noise, (u, at) => 4 * Math.sin(at / 37) + u);
    if (kind === 'ties') for (let at = 0; at < hills.length; at++) hills[at] = Math.round(hills[at]!);
    // The lowest class keeps a pixel where it is NaN, however small its neighbours are.
    if (kind === 'NaN') hills.set([Number.NaN, -50, -50], 40);
    const data = kind === 'one scale in float64' ? hills : Float32Array.from(hills);
    const planes = { channels, height, width, data };
    const last = { channels, height: 70, width: 101 };
    const [first, second] = [
      { planes, through: [last] },
      { planes, through: [{ height: 52, width: 76 }, last] },
    ];
    const blend = { ...last, terms: kind === 'two scales' ? [second!, first!] : [first!], divisor: 2 };
    const logits = computeBlend(blend);
    const wanted = Array.from({ length: 70 * 101 }, (_, p) => {
      let best = 0;
      for (let c = 1; c < channels; c++) if (logits.data[c * 7070 + p]! > logits.data[best * 7070 + p]!) best = c;
      return best;
    });
    t.same([...labelBlend(blend)], wanted, kind);
    t.ok(new Set(wanted).size > 3);
  }
});
