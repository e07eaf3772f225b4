import t from 'tap';
import { UserError } from '../../harness/support/errors.js';
import { shapeOperators } from '../shape-operators.js';
import { definition } from './model.js';

const decoder = { channels: 64, ham_channels: 96, num_groups: 8 };
const section = (backbone: object, decoder_cfg: object = decoder) => ({
  type: 'SegNeXt',
  backbone,
  num_classes: 5,
  decoder_cfg,
});

t.test('every parameter and draw is read as declared, and no other', async (t) => {
  const cases: [says: string, section: Record<string, unknown>, image: number[]][] = [
    ['T', section({ type: 'MSCAN_T' }), [1, 3, 64, 96]],
    ['S', section({ type: 'MSCAN_S' }), [1, 3, 64, 64]],
    ['B', section({ type: 'MSCAN_B' }), [2, 3, 32, 64]],
    ['L', section({ type: 'MSCAN_L' }), [1, 3, 32, 32]],
    ['an odd size', section({ type: 'MSCAN_T' }), [1, 3, 53, 75]],
    ['a single pixel', section({ type: 'MSCAN_T' }), [1, 3, 1, 1]],
    ['two splits', section({ type: 'MSCAN_T' }, { ...decoder, ham_kwargs: { MD_S: 2, MD_R: 7 } }), [3, 3, 40, 40]],
    [
      'not spatial',
      section({ type: 'MSCAN_T' }, { ...decoder, ham_kwargs: { MD_S: 2, SPATIAL: false } }),
      [2, 3, 41, 64],
    ],
    [
      'fixed bases',
      section({ type: 'MSCAN_T' }, { ...decoder, ham_kwargs: { MD_S: 2, RAND_INIT: false } }),
      [2, 3, 40, 64],
    ],
    [
      'vector quantisation',
      section({ type: 'MSCAN_T' }, { ...decoder, ham_kwargs: { HAM_TYPE: 'VQ', MD_S: 2 } }),
      [3, 3, 40, 40],
    ],
    [
      'concepts',
      section({ type: 'MSCAN_T' }, { ...decoder, ham_kwargs: { HAM_TYPE: 'CD', SPATIAL: false, MD_R: 9 } }),
      [2, 3, 41, 64],
    ],
    ['corners aligned', section({ type: 'MSCAN_T' }, { ...decoder, align_corners: true }), [1, 3, 40, 64]],
    ['four input channels', section({ type: 'MSCAN', in_channels: 4 }), [1, 4, 40, 64]],
    [
      'other widths, depths, ratios, strips',
      section({
        type: 'MSCAN',
        embed_dims: [7, 16, 24, 8],
        depths: [0, 1, 2, 1],
        mlp_ratios: [2.5, 1, 3, 4],
        atten_kernel_sizes: [3],
      }),
      [1, 3, 40, 64],
    ],
  ];
  const rated = { type: 'MSCAN_T', drop_path_rate: 0.2 };
  for (const [phase, says, given, image] of [
    ...cases.map((entry) => ['infer', ...entry] as const),
    ...cases.map((entry) => ['train', ...entry] as const),
    [
      'train',
      'no drops',
      section({ type: 'MSCAN_T', drop_path_rate: 0 }, { ...decoder, dropout_rate: 0 }),
      [2, 3, 40, 64],
    ],
    ['train', 'more drops', section(rated, { ...decoder, dropout_rate: 0.5 }), [4, 3, 40, 64]],
  ] as const) {
    const config = definition.parse(given);
    const parameters = definition.parameters(config);
    const draws = definition.draws(config, image, phase);
    const { ops, log } = shapeOperators(parameters, draws, phase);
    const logits = definition.forward<readonly number[]>(ops, config, image);
    t.same(logits, [image[0], 5, image[2], image[3]], `${says}: logits have the image's size`);
    t.same([...log.parameters].sort(), [...parameters.keys()].sort(), `${says}: parameters`);
    t.same([...log.draws], [...draws.keys()], `${phase}, ${says}: draws`);
  }
});

t.test('VQ and CD draw normal numbers, and nothing else does', async (t) => {
  for (const type of ['VQ', 'CD', 'NMF']) {
    const config = definition.parse(section({ type: 'MSCAN_T' }, { ...decoder, ham_kwargs: { HAM_TYPE: type } }));
    const names = [...definition.draws(config, [2, 3, 40, 40], 'train').keys()];
    const normal = names.filter((name) => definition.drawsNormal?.(config, name));
    t.same(normal, type === 'NMF' ? [] : ['decode_head.hamburger.ham.bases'], type);
  }
});

t.test('the example image is one that the model takes', async (t) => {
  for (const given of [section({ type: 'MSCAN_T' }), section({ type: 'MSCAN', in_channels: 4 })]) {
    const config = definition.parse(given);
    const image = definition.exampleImage(config);
    const { ops } = shapeOperators(definition.parameters(config), definition.draws(config, image));
    t.same(definition.forward<readonly number[]>(ops, config, image), [image[0], 5, image[2], image[3]]);
  }
});

t.test('an image that does not fit is refused', async (t) => {
  const config = definition.parse(section({ type: 'MSCAN_T' }));
  t.throws(
    () => definition.draws(config, [1, 4, 32, 32]),
    new UserError(
      'Cannot run SegNeXt: the image is [1, 4, 32, 32]; [batch, 3, height, width] is wanted, none of them 0',
    ),
  );
  t.throws(() => definition.draws(config, [1, 3, 0, 32]), UserError);
});

t.test('training draws kept flags for each block but the first, bases and channels', async (t) => {
  const config = definition.parse(section({ type: 'MSCAN_T' }));
  const draws = definition.draws(config, [3, 3, 40, 64], 'train');
  t.notOk(draws.has('backbone.block1.0.drop_path'), 'its rate is 0');
  t.same(draws.get('backbone.block4.1.drop_path'), [2, 3]);
  t.same(draws.get('decode_head.dropout'), [1, 3, 64]);
  t.equal([...draws.keys()].filter((name) => name.endsWith('.drop_path')).length, 12);
});

t.test('a Dropout whose flags no bundle names is refused in training', async (t) => {
  const config = definition.parse(section({ type: 'MSCAN_T', drop_rate: 0.1 }));
  t.throws(() => definition.draws(config, [1, 3, 40, 64], 'train'), {
    message: /^Cannot train SegNeXt: backbone\.drop_rate is 0\.1; 0 is wanted/,
  });
});
