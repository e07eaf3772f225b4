import t from 'tap';
import { UserError } from '../../harness/support/errors.js';
import { plainSection } from '../yml/section.js';
import { checkPadding } from './check-padding.js';

const pairs = [
  { image: 'a.png', label: 'a-label.png' },
  { image: 'b.png', label: 'b-label.png' },
];

function check(transforms: readonly object[], ignoreIndex: number, sizes = [size(64, 48), size(64, 48)]) {
  const owner = plainSection({ transforms }, 'my.yml');
  return checkPadding(owner, { pairs, classes: 3 }, sizes, ignoreIndex);
}

const size = (width: number, height: number) => ({ width, height });
const scaling = (min: number) => ({ type: 'ResizeStepScaling', min_scale_factor: min, max_scale_factor: 2 });
const crop = { type: 'RandomPaddingCrop', crop_size: [64, 48] };

t.test(
  'a crop that can pad with a value that is neither a class nor ignored is refused, with the picture and the line',
  async (t) => {
    await t.rejects(check([scaling(0.5), crop], 4), {
      name: 'UserError',
      message:
        'Cannot train on a.png: RandomPaddingCrop (my.yml (transforms.1)) pads with 255, ignore_index is 4, and at that step the picture can be as small as 32×24 (so can 1 more of 2); ignore_index, or a class of 0 to 2, is wanted. Fix: label_padding_value: 4',
    });
    await t.rejects(check([scaling(0.98), crop], 4), { message: /as small as 63×47/ });
  },
);

t.test('a crop that never pads, or pads with a class or with what is ignored, is taken', async (t) => {
  for (const transforms of [
    [crop],
    [scaling(1), crop],
    [{ type: 'ResizeByShort', short_size: 48 }, crop],
    [{ type: 'Resize', target_size: [64, 48] }, crop],
    [{ type: 'LimitLong', min_long: 64 }, crop],
    [scaling(0.5), { ...crop, label_padding_value: 4 }],
    [scaling(0.5), { ...crop, label_padding_value: 2 }],
    [scaling(0.5), { type: 'Padding', target_size: [128, 96], label_padding_value: 4 }, crop],
  ])
    await t.resolves(check(transforms, 4), JSON.stringify(transforms));
  await t.resolves(check([scaling(0.5), crop], 255));
});

t.test('what comes before the padding decides how small a picture is there', async (t) => {
  const long = size(100, 48);
  for (const [transforms, found] of [
    [[crop], 'at that step the picture can be as small as 64×40;'],
    [[{ type: 'ResizeByLong', long_size: 50 }, crop], 'as small as 50×31 '],
    [[{ type: 'ResizeByShort', short_size: 40 }, crop], 'as small as 64×40 '],
    [[{ type: 'LimitLong', max_long: 32 }, crop], 'as small as 32×20 '],
    [[{ type: 'Resize', target_size: [64, 40] }, { type: 'RandomHorizontalFlip' }, crop], 'as small as 64×40 '],
    [[{ type: 'Padding', target_size: [100, 49] }], 'Padding (my.yml (transforms.0)) pads with 255'],
  ] as const) {
    const sizes = found.endsWith('64×40;') ? [long, size(64, 40)] : [size(64, 40), long];
    const error: unknown = await check(transforms, 4, sizes).catch((thrown: unknown) => thrown);
    t.ok(error instanceof UserError && error.message.includes(found), `${found}: ${String(error)}`);
  }
});
