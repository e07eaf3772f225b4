import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { float32NdArray, type NdArray } from '../contract/nd-array.js';
import { renderNpz } from './npz.js';
import { logitsSeed } from './read-eval-golden.js';
import { samplePositions, uniform } from './seeded.js';

const height = 4;
const width = 6;
const classes = 3;
const pixels = height * width;
const sampled = 40;

/** Logits of one image, spread so that every margin is seen, and the label map that they give. */
export function testLogits(index: number): { logits: Float32Array; labels: Uint8Array } {
  const logits = Float32Array.from(uniform(index, 'logits', classes * pixels), (u) => 4 * u - 2);
  return { logits, labels: argmax(logits) };
}

export function argmax(logits: Float32Array): Uint8Array {
  return Uint8Array.from({ length: pixels }, (_, p) => order(logits, p)[0]!);
}

/** Labels of the data set itself: the prediction, but for every seventh pixel. */
export function testTruth(index: number): Uint8Array {
  return testLogits(index).labels.map((label, p) => (p % 7 === 0 ? (label + 1) % classes : label));
}

/** Rows are labels, columns predictions. */
export function testConfusion(index: number, labels: Uint8Array): number[][] {
  const rows = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const [p, truth] of testTruth(index).entries()) rows[truth]![labels[p]!]! += 1;
  return rows;
}

/** Writes an eval golden of one mode into `folder`; `change` may spoil what golden.json says before it is written. */
export async function writeEvalGolden(
  folder: string,
  images: number,
  change: (file: Record<string, unknown>) => void = () => undefined,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const indices = Array.from({ length: images }, (_, at) => at);
  const contents = new Map<string, Uint8Array>([
    ['model.yml', Buffer.from('model: {}\n')],
    ['model.pdparams', Buffer.from('weights')],
    ['golden.npz', renderNpz(new Map(indices.flatMap(arraysOf)))],
  ]);
  for (const [name, bytes] of contents) await writeFile(join(folder, name), bytes);
  const file = {
    format: 'eval-golden/1',
    id: 'test-golden',
    config: 'model.yml',
    dataset_root: '../data',
    weights: 'model.pdparams',
    bases: { scheme: 'uniform/1', seed: 5, name: 'bases' },
    classes,
    class_names: ['road', 'sky', 'pole'],
    ignore_index: 255,
    images: indices.map((at) => ({ name: `image-${at}.png`, height, width })),
    arrays: 'golden.npz',
    modes: [
      {
        name: 'single',
        options: {},
        mIoU: 0.7,
        Acc: 0.8,
        Kappa: 0.7,
        Dice: 0.8,
        images: indices.map((at) => ({
          confusion: testConfusion(at, testLogits(at).labels),
          logits_rms: rms(testLogits(at).logits),
          noise: { rel_rms: 1e-6, max_over_rms: 1e-5 },
          close_below: closeBelow,
        })),
      },
    ],
    sha256: Object.fromEntries(
      [...contents].map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]),
    ),
    made_by: { generator: 'a test', framework: 'none', model: 'SegNeXt test' },
  };
  change(file);
  await writeFile(join(folder, 'golden.json'), JSON.stringify(file));
}

/** Of the rms; about a quarter of the pixels. */
const closeBelow = 0.3;

function arraysOf(index: number): [string, NdArray][] {
  const { logits, labels } = testLogits(index);
  const marginOf = (p: number) => {
    const [best, second] = order(logits, p);
    return logits[best! * pixels + p]! - logits[second! * pixels + p]!;
  };
  const close = Array.from({ length: pixels }, (_, p) => p).filter((p) => marginOf(p) < closeBelow * rms(logits));
  const positions = samplePositions(logitsSeed, `single/${index}`, sampled, logits.length);
  const key = `single/${index}`;
  return [
    [`${key}/labels`, { dtype: 'u1', shape: [height, width], data: labels }],
    [`${key}/close`, { dtype: 'i4', shape: [close.length], data: Int32Array.from(close) }],
    [`${key}/margins`, float32NdArray([close.length], Float32Array.from(close, marginOf))],
    [
      `${key}/logits`,
      float32NdArray(
        [sampled],
        Float32Array.from(positions, (at) => logits[at]!),
      ),
    ],
  ];
}

/** Classes of a pixel, the best first. */
function order(logits: Float32Array, p: number): number[] {
  return [0, 1, 2].sort((a, b) => logits[b * pixels + p]! - logits[a * pixels + p]!);
}

function rms(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
