import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode, encode } from 'fast-png';
import { stringify } from 'yaml';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { uniform } from '../../harness/golden/seeded.js';
import { resolveWeights } from '../../harness/golden/weights.js';
import { writeWeightsFile } from '../../harness/golden/weights-file.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { packageRoot } from '../../harness/support/package-root.js';

export interface BenchData {
  readonly config: string;
  readonly weights: string;
}

/** A data set in Cityscapes layout and size, MSCAN_T's weights and a yml, written into `folder`. */
export async function writeBenchData(folder: string, images: number): Promise<BenchData> {
  const bundle = await readBundle(resolveBundleFolder('segnext-t-large'));
  const weights = join(folder, 'mscan_t.pdparams');
  await writeWeightsFile(weights, resolveWeights(bundle));
  for (let image = 0; image < images; image++) await writeScene(folder, image);
  const config = join(folder, 'mscan_t.yml');
  await writeAtomicFile(config, stringify(configOf(folder, bundle.model)));
  return { config, weights };
}

/** What PaddleSeg wants in a yml, used in an evaluation or not. */
function configOf(folder: string, model: object) {
  const transforms = [{ type: 'Normalize', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }];
  const dataSet = { type: 'Cityscapes', dataset_root: folder, transforms };
  return {
    batch_size: 1,
    iters: 1,
    train_dataset: { ...dataSet, mode: 'val' },
    val_dataset: { ...dataSet, mode: 'val' },
    optimizer: { type: 'SGD' },
    lr_scheduler: { type: 'PolynomialDecay', learning_rate: 0.01 },
    loss: { types: [{ type: 'CrossEntropyLoss' }], coef: [1] },
    model,
  };
}

const street = join(packageRoot, 'fixtures', 'street');
const factor = 4;

/** A street scene enlarged, with noise as a camera has it: without noise a PNG is decoded faster than a photograph. */
async function writeScene(folder: string, image: number): Promise<void> {
  const names = (await readdir(join(street, 'leftImg8bit', 'val', 'street'))).sort();
  const name = names[image % names.length]!;
  const label = name.replace('leftImg8bit', 'gtFine_labelTrainIds');
  const target = (file: string) => file.replace(/street_\d+/, `street_${String(image).padStart(6, '0')}`);
  const picture = enlarge(decode(await readFile(join(street, 'leftImg8bit', 'val', 'street', name))));
  const noise = uniform(image, 'noise', picture.data.length);
  for (let i = 0; i < noise.length; i++)
    picture.data[i] = Math.max(0, Math.min(255, picture.data[i]! + Math.round(8 * noise[i]! - 4)));
  await writeAtomicFile(join(folder, 'leftImg8bit', 'val', 'street', target(name)), encode(picture));
  const labels = enlarge(decode(await readFile(join(street, 'gtFine', 'val', 'street', label))));
  await writeAtomicFile(join(folder, 'gtFine', 'val', 'street', target(label)), encode(labels));
}

function enlarge({ width, height, data, channels }: ReturnType<typeof decode>) {
  const large = { width: width * factor, height: height * factor, channels, depth: 8 as const };
  const pixels = new Uint8Array(large.width * large.height * channels);
  for (let y = 0, at = 0; y < large.height; y++)
    for (let x = 0; x < large.width; x++)
      for (let c = 0; c < channels; c++, at++)
        pixels[at] = data[(Math.floor(y / factor) * width + Math.floor(x / factor)) * channels + c]!;
  return { ...large, data: pixels };
}
