import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { UserError } from '../../harness/support/errors.js';
import { findShipped } from '../../harness/support/take-shipped.js';
import { type PaddleSegConfig, readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import type { Crop } from './tipc-options.js';

/** The yml that runs in place of the one that a command names. */
export interface ResolvedConfig {
  readonly path: string;
  /** Of training; and of all that looks at whole pictures. */
  readonly deviations: { readonly train: readonly string[]; readonly infer: readonly string[] };
  readonly notes: readonly string[];
  /** Where a model is converted: its weights, and a deploy.yaml of the graph that the conversion writes. */
  readonly deployed?: { readonly weights: string; readonly deploy: string };
}

/** A path of the file as it is here, else in the package; the path itself where neither is. */
export function resolvePath(path: string): { readonly path: string; readonly notes: readonly string[] } {
  const shipped = findShipped(path);
  return shipped === null
    ? { path, notes: [] }
    : { path: shipped, notes: [`${path} is not in this folder; the one that tipcheck ships was taken`] };
}

/** @param folder where a yml that `crop` shrank is written */
export async function resolveConfig(named: string, crop: Crop | null, folder: string): Promise<ResolvedConfig> {
  const { path, notes } = resolvePath(named);
  if (crop === null) return { path, deviations: { train: [], infer: [] }, notes };
  const config = await readPaddleSegConfig(path);
  const flag = `--crop ${crop.width}x${crop.height}`;
  const train = shrinkTraining(config, crop);
  const shrunk = join(folder, `${basename(path, extname(path))}_${crop.width}x${crop.height}.yml`);
  const text = stringify({
    _base_: relative(dirname(resolve(shrunk)), resolve(path)),
    train_dataset: { transforms: train.transforms },
    val_dataset: {
      transforms: [{ type: 'Resize', target_size: [crop.width, crop.height] }, ...transformsOf(config, 'val_dataset')],
    },
  });
  await writeAtomicFile(shrunk, `# ${named}, smaller: ${flag}\n${text}`);
  return {
    path: shrunk,
    deviations: {
      train:
        train.before === `${crop.width}×${crop.height}`
          ? []
          : [`crops of ${crop.width}×${crop.height}, where the yml has ${train.before} (${flag})`],
      infer: [`pictures resized to ${crop.width}×${crop.height}, where the yml takes them as they are (${flag})`],
    },
    notes,
  };
}

function shrinkTraining(config: PaddleSegConfig, { width, height }: Crop) {
  const transforms = transformsOf(config, 'train_dataset');
  const at = transforms.findIndex(({ type }) => type === 'RandomPaddingCrop');
  if (at < 0)
    throw new UserError(
      `Cannot use --crop with ${config.path}: its train_dataset has no RandomPaddingCrop; a yml with one is wanted`,
    );
  const before = [transforms[at]!.crop_size ?? [512, 512]].flat().join('×');
  const shrunk = transforms.map((one, index) => (index === at ? { ...one, crop_size: [width, height] } : one));
  return { before, transforms: shrunk };
}

function transformsOf(config: PaddleSegConfig, key: string): readonly Readonly<Record<string, unknown>>[] {
  const section = config.values[key] as { readonly transforms?: unknown } | undefined;
  if (Array.isArray(section?.transforms)) return section.transforms;
  throw new UserError(`Cannot use --crop with ${config.path}: its ${key} has no list of transforms; one is wanted`);
}
