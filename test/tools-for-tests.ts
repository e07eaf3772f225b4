import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../harness/support/package-root.js';

/** Runs `tipcheck` as a user does, in a folder of its own. */
export function tipcheck(args: readonly string[], cwd: string, environment: Readonly<Record<string, string>> = {}) {
  return execa(process.execPath, [join(packageRoot, 'cli', 'tipcheck.mjs'), ...args], {
    reject: false,
    cwd,
    env: { TIPCHECK_SKIP_ENSURE: '1', TF_CPP_MIN_LOG_LEVEL: '3', ...environment },
    cleanup: true,
  });
}

/** A SegNeXt that trains in milliseconds, on the street scenes that the project ships. `change` may spoil the text. */
export async function writeSmallConfig(folder: string, change = (text: string): string => text): Promise<string> {
  const path = join(folder, 'small.yml');
  await writeFile(path, change(smallConfig));
  return path;
}

export const smallConfig = `
batch_size: 2
iters: 8
train_dataset:
  type: Cityscapes
  dataset_root: ${join(packageRoot, 'fixtures', 'street')}
  mode: train
  transforms:
    - type: RandomPaddingCrop
      crop_size: [64, 48]
    - type: RandomHorizontalFlip
    - type: RandomDistort
    - type: Normalize
      mean: [0.485, 0.456, 0.406]
      std: [0.229, 0.224, 0.225]
val_dataset:
  type: Cityscapes
  dataset_root: ${join(packageRoot, 'fixtures', 'street')}
  mode: val
  transforms:
    - type: Normalize
      mean: [0.485, 0.456, 0.406]
      std: [0.229, 0.224, 0.225]
optimizer:
  type: AdamW
  weight_decay: 0.01
lr_scheduler:
  type: PolynomialDecay
  learning_rate: 1.0e-3
  end_lr: 0
loss:
  types:
    - type: CrossEntropyLoss
  coef: [1]
model:
  type: SegNeXt
  backbone:
    type: MSCAN
    embed_dims: [8, 8, 16, 16]
    depths: [1, 1, 1, 1]
    mlp_ratios: [2, 2, 2, 2]
    drop_path_rate: 0.1
  num_classes: 19
  decoder_cfg:
    channels: 32
    ham_channels: 32
    ham_kwargs:
      MD_R: 4
    dropout_rate: 0.1
    align_corners: False
`;
