import t from 'tap';
import { createRandomState } from '../data/mt19937.js';
import { plainSection } from '../yml/section.js';
import { buildTransforms } from './registry.js';
import type { Sample } from './sample.js';

const seed = Math.floor(Math.random() * 2 ** 32);
t.comment(`seed ${seed}`);
const random = createRandomState(seed);
const times = 4000;

t.test('scales are drawn from equally spaced ones, each as often', async (t) => {
  const scales = await drawMany<{ scale: number }>({
    type: 'ResizeStepScaling',
    min_scale_factor: 0.5,
    max_scale_factor: 2,
  });
  const counts = countBy(scales.map(({ scale }) => scale));
  t.strictSame([...counts.keys()].sort(), [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]);
  for (const [scale, count] of counts) t.ok(isNear(count, 1 / 7), `${scale}: ${count}`);
});

t.test('without a step any scale between is drawn', async (t) => {
  const scales = await drawMany<{ scale: number }>({
    type: 'ResizeStepScaling',
    min_scale_factor: 0.5,
    max_scale_factor: 2,
    scale_step_size: 0,
  });
  t.ok(scales.every(({ scale }) => scale >= 0.5 && scale < 2));
  t.ok(isNear(scales.filter(({ scale }) => scale < 1).length, 1 / 3));
});

t.test('windows begin anywhere that they fit, the last place included', async (t) => {
  const draws = await drawMany<{ offsets: [number, number][] }>({ type: 'RandomPaddingCrop', crop_size: [8, 4] });
  const counts = countBy(draws.map(({ offsets }) => `${offsets}`));
  t.equal(draws[0]!.offsets.length, 1);
  t.strictSame([...counts.keys()].sort(), ['0,0', '0,1', '0,2', '1,0', '1,1', '1,2']);
  for (const [offset, count] of counts) t.ok(isNear(count, 1 / 6), `${offset}: ${count}`);
  const ratio = await drawMany<{ offsets: unknown[] }>({
    type: 'RandomPaddingCrop',
    crop_size: [8, 4],
    category_max_ratio: 0.5,
  });
  t.equal(ratio[0]!.offsets.length, 11, 'ten that are looked at, and one that is not');
});

t.test('flips happen as often as they should', async (t) => {
  const flips = await drawMany<{ flip: boolean }>({ type: 'RandomVerticalFlip' });
  t.ok(isNear(flips.filter(({ flip }) => flip).length, 0.1));
});

t.test('distortions happen each with its probability, in any order, within their ranges', async (t) => {
  const draws = await drawMany<{ steps: { operation: string; amount: number }[] }>({
    type: 'RandomDistort',
    brightness_range: 0.2,
    contrast_prob: 1,
    saturation_prob: 0.25,
  });
  const steps = draws.flatMap((draw) => draw.steps);
  const amounts = (operation: string) =>
    steps.filter((step) => step.operation === operation).map(({ amount }) => amount);
  t.ok(isNear(amounts('brightness').length, 0.5));
  t.equal(amounts('contrast').length, times);
  t.ok(isNear(amounts('saturation').length, 0.25));
  t.equal(amounts('sharpness').length, 0);
  t.ok(amounts('brightness').every((amount) => amount >= 0.8 && amount < 1.2));
  t.ok(amounts('hue').every((amount) => amount >= -18 && amount < 18));
  const both = draws.filter((draw) => draw.steps.some(({ operation }) => operation === 'brightness'));
  const first = both.filter(({ steps: [step] }) => step!.operation === 'brightness').length;
  t.ok(first > 0.2 * both.length && first < 0.7 * both.length, `${first} of ${both.length} begin with brightness`);
});

async function drawMany<Draws>(section: Record<string, unknown>): Promise<Draws[]> {
  const [transform] = await buildTransforms(plainSection({ transforms: [section] }, 'test.yml:1'));
  const image = { height: 5, width: 10, channels: 3, data: new Float32Array(150) };
  const sample: Sample = { image, label: null, sizes: [] };
  return Array.from({ length: times }, () => transform!.draw(sample, random) as Draws);
}

function countBy<Key>(keys: readonly Key[]): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Within six standard deviations: one run in a billion is further off. */
function isNear(count: number, probability: number): boolean {
  return Math.abs(count - times * probability) < 6 * Math.sqrt(times * probability * (1 - probability));
}
