import t from 'tap';
import { UserError } from '../../harness/support/errors.js';
import { findSegmenter } from '../find-segmenter.js';
import { shapeOperators } from '../shape-operators.js';
import { definition } from './model.js';

t.test('every size reads its parameters as declared, and no other; logits are a vector', async (t) => {
  t.same(definition.types, ['VAN_B0', 'VAN_B1', 'VAN_B2', 'VAN_B3']);
  for (const type of definition.types) {
    const config = definition.parse({ type, class_num: 7, in_chans: 4 });
    const parameters = definition.parameters(config);
    const image = [2, 4, 33, 70];
    const { ops, log } = shapeOperators(parameters, definition.draws(config, image));
    t.same(definition.forward<readonly number[]>(ops, config, image), [2, 7]);
    t.same([...log.parameters].sort(), [...parameters.keys()].sort(), type);
    t.same(parameters.get('patch_embed1.proj.weight')?.slice(1), [4, 7, 7]);
    t.same([...parameters.keys()].slice(-2), ['head.weight', 'head.bias']);
    t.equal(new Set(log.probes.map(([name]) => name)).size, log.probes.length, 'no probe is recorded twice');
  }
  const config = definition.parse({ type: 'VAN_B0' });
  t.same(definition.parameters(config).get('head.weight'), [256, 1000]);
  t.same(definition.exampleImage(config), [1, 3, 32, 32]);
});

t.test('bad sections and images are refused in one sentence', async (t) => {
  const read = 'Cannot read the model section of VAN_B2: ';
  const refused: [section: Record<string, unknown>, message: string][] = [
    [
      { pretrained: true },
      `${read}pretrained is true; no weights are fetched for it, and the key left out is wanted. Fix: download the .pdparams file and give it by --model_path, or by --weights of tipcheck golden`,
    ],
    [
      { num_classes: 19 },
      `${read}num_classes stands in it, or comes from a data set of the yml; a classifier has class_num, and no data set is evaluated or trained with it. Fix: model: {type: SegNeXt, backbone: {type: VAN_B2}, …} for segmentation`,
    ],
    [{ class_num: 0 }, `${read}class_num is 0; it must be >= 1`],
    [
      { depths: [1] },
      `${read}depths is not a key that is known here; the keys are type, class_num, in_chans, drop_rate, drop_path_rate, pretrained.`,
    ],
  ];
  for (const [section, message] of refused)
    t.throws(() => definition.parse({ type: 'VAN_B2', ...section }), new UserError(message), message);
  t.doesNotThrow(() => definition.parse({ type: 'VAN_B2', pretrained: false, drop_path_rate: 0.1 }));
  t.throws(
    () => definition.draws(definition.parse({ type: 'VAN_B2' }), [1, 1, 32, 32]),
    new UserError('Cannot run VAN: the image is [1, 1, 32, 32]; [batch, 3, height, width] is wanted, none of them 0'),
  );
});

t.test('no data set is evaluated or trained with a classifier', async (t) => {
  await t.rejects(
    findSegmenter({ type: 'VAN_B0' }, 'train'),
    new UserError(
      'Cannot train VAN_B0: it gives a number per class for each image, and no map; a network for segmentation is wanted. Fix: npx tipcheck judge <port> <bundle>, which takes classifiers as well',
    ),
  );
  t.match((await findSegmenter({ type: 'SegNeXt' }, 'train')).types, ['SegNeXt']);
});
