import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { type Npz, parseNpz } from '../../harness/golden/npz.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { toPlanes } from '../data/prepare-sample.js';
import { type Pixels, type Raster, toFloatImage } from '../image/raster.js';
import { plainSection } from '../yml/section.js';
import { loadTransformKinds } from './registry.js';
import type { Sample, SizeBefore } from './sample.js';

interface GoldenCase {
  readonly name: string;
  readonly transform: { readonly type: string };
  readonly draws: unknown;
  readonly input: string;
  readonly trans_info: readonly SizeBefore[];
}

const folder = join(packageRoot, 'fixtures', 'transforms');

/**
 * How far a value may be from PaddleSeg's. Everything is exact but linear resizes. Because: OpenCV's linear resize
 * (IPP) rounds two weights and two sums to float32 in each of two passes, and a value of 128 to 255 has an ulp of
 * 2^-16: four such roundings.
 */
const linearLimit = 4 * 2 ** -16;
const linear = new Set(['ResizeStepScaling', 'Resize', 'ResizeByLong', 'ResizeByShort', 'LimitLong']);

const { cases } = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as { cases: GoldenCase[] };
const inputs = await readNpz('inputs');
const kinds = await loadTransformKinds();

t.test('every kind of transform has goldens', async (t) => {
  t.strictSame([...new Set(cases.map(({ transform }) => transform.type))].sort(), [...kinds.keys()].sort());
  t.ok(cases.length >= 60, `${cases.length} cases`);
});

for (const { name, transform, draws, input, trans_info: sizes } of cases) {
  const kind = kinds.get(transform.type)!;
  t.test(`${transform.type} ${name} is what PaddleSeg makes of ${input}`, async (t) => {
    const golden = await readNpz(kebab(transform.type));
    const before = readSample(inputs, input);
    const copy = structuredClone(before);
    const after = kind.build(plainSection(transform as unknown as Record<string, unknown>, name)).apply(before, draws);
    const expected = readSample(golden, name);
    const error = measureError(after.image, expected.image);
    const limit = linear.has(transform.type) ? linearLimit : 0;
    t.ok(error <= limit, `image: at most ${error} off, ${limit} allowed`);
    t.equal(measureError(after.label!, expected.label!), 0, 'label');
    t.strictSame(after.sizes, sizes, 'sizes before');
    t.strictSame(before, copy, 'the input stays as it is');
  });
}

t.test('what is made of decoded pixels in one go is what is made of them step by step', async (t) => {
  const { height, width, data } = readSample(inputs, 'photo').image;
  const pixels = { height, width, channels: 3, data: Uint8Array.from(data) };
  const image = toFloatImage(pixels);
  let compared = 0;
  for (const { name, transform, draws } of cases) {
    const built = kinds.get(transform.type)!.build(plainSection({ ...transform }, name));
    if (built.toPlanes === undefined) continue;
    t.strictSame(built.toPlanes(pixels), toPlanes(built.apply({ image, label: null, sizes: [] }, draws).image), name);
    compared++;
  }
  t.ok(compared > 1, `${compared} cases`);
});

t.test('a value that is off in one pixel is an error of its size', async (t) => {
  const { image } = readSample(inputs, 'photo');
  const moved = { ...image, data: image.data.slice() };
  moved.data[100]! += 0.25;
  t.equal(measureError(moved, image), 0.25);
  moved.data[100] = Number.NaN;
  t.notOk(measureError(moved, image) <= 1e9, 'NaN is never within a limit');
  t.notOk(measureError({ ...image, width: 47 }, image) <= 1e9, 'nor is another size');
});

async function readNpz(name: string): Promise<Npz> {
  const path = join(folder, `${name}.npz`);
  return parseNpz(await readFile(path), path);
}

function readSample(npz: Npz, name: string): Sample {
  return {
    image: readRaster(npz, `${name}/image`) as Sample['image'],
    label: readRaster(npz, `${name}/label`) as Sample['label'],
    sizes: [],
  };
}

function readRaster(npz: Npz, key: string): Raster {
  const { shape, data } = npz.read(key);
  return { height: shape[0]!, width: shape[1]!, channels: shape[2] ?? 1, data: data as Pixels };
}

/** The largest difference, or NaN. */
function measureError(actual: Raster, expected: Raster): number {
  const same = (['height', 'width', 'channels'] as const).every((key) => actual[key] === expected[key]);
  if (!same || actual.data.length !== expected.data.length || actual.data.length === 0) return Number.NaN;
  let worst = 0;
  for (let i = 0; i < actual.data.length; i++) {
    const error = Math.abs(actual.data[i]! - expected.data[i]!);
    if (!(error <= worst)) worst = error;
    if (Number.isNaN(worst)) return worst;
  }
  return worst;
}

function kebab(type: string): string {
  return type.replace(/(?<!^)(?=[A-Z])/g, '-').toLowerCase();
}
