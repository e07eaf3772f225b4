import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encode } from 'fast-png';
import { plainSection, type Section } from '../yml/section.js';

/** Writes an RGB image whose pixels depend on `seed`. */
export function writeTestImage(path: string, width: number, height: number, seed: number): void {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7 + seed * 31) % 256);
  writePng(path, { width, height, channels: 3, data });
}

/** Writes a label of `value` everywhere but in its first pixel, which is 0. */
export function writeTestLabel(path: string, width: number, height: number, value: number): void {
  const data = new Uint8Array(width * height).fill(value);
  data[0] = 0;
  writePng(path, { width, height, channels: 1, data });
}

/** A folder with `count` pairs of 24×20, and the section of a data set that lists them. */
export function writeTestDataSet(
  folder: string,
  count: number,
  transforms: readonly unknown[],
  mode = 'train',
): Section {
  const names = Array.from({ length: count }, (_, i) => `${i}.png`);
  for (const [i, name] of names.entries()) {
    writeTestImage(join(folder, 'images', name), 24, 20, i);
    writeTestLabel(join(folder, 'labels', name), 24, 20, i % 4);
  }
  writeFileSync(join(folder, 'list.txt'), names.map((name) => `images/${name} labels/${name}\n`).join(''));
  const values = { type: 'Dataset', mode, dataset_root: folder, num_classes: 4, transforms };
  return plainSection({ ...values, [`${mode}_path`]: join(folder, 'list.txt') }, 'test.yml:3');
}

function writePng(path: string, image: Parameters<typeof encode>[0]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, encode(image));
}
