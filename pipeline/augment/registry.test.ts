import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readPaddleSegConfig } from '../yml/paddleseg-yml.js';
import { plainSection, sectionAt } from '../yml/section.js';
import { buildTransforms } from './registry.js';

t.test('the transforms of a yml are built in its order, with the defaults of PaddleSeg', async (t) => {
  const transforms = await build([
    { type: 'ResizeStepScaling' },
    { type: 'RandomPaddingCrop', crop_size: [64, 32] },
    { type: 'Normalize' },
  ]);
  t.equal(transforms.length, 3);
  t.strictSame(await build([]), []);
});

t.test('what cannot be used is named by file and line, in a sentence', async (t) => {
  const folder = t.testdir({});
  const path = join(folder, 'train.yml');
  const lines = (type: string, ...rest: string[]) =>
    ['train_dataset:', '  transforms:', `    - type: ${type}`, ...rest.map((line) => `      ${line}`), ''].join('\n');
  const faults: [string, string][] = [
    [
      lines('RandomPadingCrop'),
      ':3: the transform\'s type is "RandomPadingCrop"; one of LimitLong, Normalize, Padding, RandomDistort, RandomHorizontalFlip, RandomPaddingCrop, RandomVerticalFlip, Resize, ResizeByLong, ResizeByShort, ResizeStepScaling is wanted. Did you mean RandomPaddingCrop?',
    ],
    [
      lines('RandomPaddingCrop', 'crop_sise: [1, 2]'),
      ':4: the transform RandomPaddingCrop has no argument crop_sise; one of crop_size, im_padding_value, label_padding_value, category_max_ratio, ignore_index, loop_times is wanted. Did you mean crop_size?',
    ],
    [lines('RandomPaddingCrop', 'crop_size: 512'), ':4: crop_size is 512; [width, height] in whole pixels is wanted'],
    [lines('RandomPaddingCrop', 'category_max_ratio: 0'), ':4: category_max_ratio is 0; a number above 0 is wanted'],
    [
      lines('ResizeStepScaling', 'min_scale_factor: 2'),
      ':4: min_scale_factor is 2; at most max_scale_factor, 1.25, is wanted',
    ],
    [
      lines('Resize', 'interp: CUBIC'),
      ':4: interp is "CUBIC"; LINEAR or NEAREST, the two that tipcheck computes as OpenCV does, is wanted',
    ],
    [
      lines('Resize', 'interp: linear'),
      ':4: interp is "linear"; one of NEAREST, LINEAR, CUBIC, AREA, LANCZOS4, RANDOM is wanted',
    ],
    [lines('Resize', 'size_divisor: 1.5'), ':4: size_divisor is 1.5; a whole number from 1, or nothing, is wanted'],
    [lines('Resize', 'keep_ratio: 1'), ':4: keep_ratio is 1; true or false is wanted'],
    [lines('Normalize', 'std: [1, 0, 1]'), ':4: std is [1,0,1]; no zero is wanted'],
    [lines('Normalize', 'mean: [1, 2]'), ':4: mean is [1,2]; a list of one number or three is wanted'],
    [
      lines('Padding'),
      ':3: the transform Padding lacks the argument target_size; [width, height] in whole pixels is wanted',
    ],
    [lines('LimitLong', 'max_long: 5', 'min_long: 6'), ':5: min_long is 6; at most max_long, 5, is wanted'],
    [lines('RandomHorizontalFlip', 'prob: 1.5'), ':4: prob is 1.5; a number of 0 to 1 is wanted'],
    [
      lines('Padding', 'target_size: [9, 9]', 'label_padding_value: 256'),
      ':5: label_padding_value is 256; a whole number of 0 to 255 is wanted',
    ],
    ['train_dataset:\n  transforms: 3\n', ':2: train_dataset.transforms is 3; a list is wanted'],
    [
      'train_dataset:\n  transforms:\n    - Resize\n',
      ':3: train_dataset.transforms.0 is "Resize"; a mapping of keys is wanted',
    ],
  ];
  for (const [yml, message] of faults) {
    writeFileSync(path, yml);
    const section = sectionAt(await readPaddleSegConfig(path), 'train_dataset');
    await t.rejects(buildTransforms(section), { name: 'UserError', message: `Cannot use ${path}${message}` });
  }
});

function build(transforms: readonly unknown[]) {
  return buildTransforms(plainSection({ transforms }, 'test.yml:1'));
}
