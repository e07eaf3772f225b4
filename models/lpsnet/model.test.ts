import t from 'tap';
import { UserError } from '../../harness/support/errors.js';
import { shapeOperators } from '../shape-operators.js';
import { definition } from './model.js';

const section = (changes: Record<string, unknown> = {}) => ({
  type: 'LPSNet',
  depths: [1, 2, 1, 2, 1],
  channels: [4, 6, 8, 10, 12],
  scale_ratios: [1, 0.25],
  num_classes: 5,
  ...changes,
});

t.test('every parameter is read as declared, and no other; logits have the size of the image', async (t) => {
  const cases: [says: string, changes: Record<string, unknown>, image: number[]][] = [
    ['two branches', {}, [1, 3, 192, 256]],
    ['three branches, and a ratio of 0, which is none', { scale_ratios: [0.75, 0, 0.58, 0.3] }, [2, 3, 250, 351]],
    ['upright', {}, [1, 3, 256, 192]],
    ['branches that never meet', { depths: [1, 1, 1], channels: [4, 6, 8] }, [1, 3, 192, 256]],
    ['four input channels', { in_channels: 4 }, [1, 4, 205, 263]],
  ];
  for (const phase of ['infer', 'train'] as const)
    for (const [says, changes, image] of cases) {
      const config = definition.parse(section(changes));
      const parameters = definition.parameters(config);
      const { ops, log } = shapeOperators(parameters, definition.draws(config, image, phase), phase);
      t.same(
        definition.forward<readonly number[]>(ops, config, image),
        [image[0], 5, image[2], image[3]],
        `${phase}: ${says}`,
      );
      t.same([...log.parameters].sort(), [...parameters.keys()].sort(), `${phase}: ${says}, what is read`);
    }
});

t.test("every parameter has its initial values: Paddle's defaults", async (t) => {
  const config = definition.parse(section());
  const initial = definition.initial?.(config);
  t.same([...(initial?.keys() ?? [])], [...definition.parameters(config).keys()]);
  t.same(initial?.get('nets.1.1.0._conv.weight'), { kind: 'normal', std: Math.sqrt(2 / (4 * 9)) });
  t.same(initial?.get('head.weight'), { kind: 'normal', std: Math.sqrt(2 / 24) });
  t.same(initial?.get('nets.0.0.0._batch_norm._variance'), { kind: 'constant', value: 1 });
  t.same(initial?.get('head.bias'), { kind: 'constant', value: 0 });
});

t.test('bad sections and images are refused in one sentence', async (t) => {
  const read = 'Cannot read the model section of LPSNet: ';
  const refused: [changes: Record<string, unknown>, message: string][] = [
    [
      { scale_ratios: [1] },
      `${read}scale_ratios is [1]; two or more above 0 are wanted, since the reference cannot run one branch alone`,
    ],
    [
      { scale_ratios: [1, 0] },
      `${read}scale_ratios is [1, 0]; two or more above 0 are wanted, since the reference cannot run one branch alone`,
    ],
    [{ depths: [1, 1, 1] }, `${read}it has 3 depths and 5 channels; one of each per block is wanted`],
    [{ depths: [1, 0, 1, 2, 1] }, `${read}depths.1 is 0; it must be >= 1`],
  ];
  for (const [changes, message] of refused)
    t.throws(() => definition.parse(section(changes)), new UserError(message), message);
  const config = definition.parse(section());
  for (const image of [
    [1, 3, 191, 256],
    [1, 3, 192, 255],
    [1, 4, 192, 256],
    [0, 3, 192, 256],
  ])
    t.throws(
      () => definition.draws(config, image),
      new UserError(
        `Cannot run LPSNet: the image is [${image.join(', ')}]; [batch, 3, height, width] of at least 192 × 256 pixels is wanted`,
      ),
    );
});
