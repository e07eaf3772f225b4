import { smallText } from '../tipc-folder-for-tests.js';
import { smallConfig } from '../tools-for-tests.js';

/** One row on the CPU: train, evaluation, export, inference of the list in the folder. */
export const rowText = smallText({
  ...{ gpu_list: '-1', '--iters': 'lite_train_lite_infer=4|whole_train_whole_infer=5' },
  ...{ train_infer_img_dir: 'street/infer.list', '--image_path': 'street/infer.list' },
  norm_train: 'tools/train.py --config small.yml --do_eval --save_interval 2 --seed 3 --log_iters 1',
  eval: 'tools/val.py --config small.yml',
  infer_model: './released/model.pdparams',
}).replace('--batch_size:2\n', '--batch_size:1\n');

/** Data by lists, and learning in few steps: its masks are of more than one class, since those of one reduce a run. */
export const rowConfig = smallConfig
  .trimStart()
  .replace(
    /type: Cityscapes\n {2}dataset_root: .*\n {2}mode: (train|val)/g,
    'type: Dataset\n  dataset_root: street\n  num_classes: 19\n  $1_path: street/$1.list\n  mode: $1',
  )
  .replace('iters: 8', 'iters: 6')
  .replace('crop_size: [64, 48]', 'crop_size: [96, 96]')
  .replace('    - type: RandomDistort\n', '')
  .replace('learning_rate: 1.0e-3\n  end_lr: 0', 'learning_rate: 3.0e-3\n  end_lr: 1.0e-6\n  power: 0.9')
  .replace('    drop_path_rate: 0.1\n', '');
