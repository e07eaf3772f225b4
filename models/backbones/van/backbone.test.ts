import t from 'tap';
import { UserError } from '../../../harness/support/errors.js';
import { shapeOperators } from '../../shape-operators.js';
import { backbone } from './backbone.js';

const parse = (section: { type: string; [key: string]: unknown }) => backbone.parse(section, 'a section');

t.test('every size reads its parameters as declared, and no other; stages have their sizes', async (t) => {
  const wide = [64, 128, 320, 512];
  const sizes: [type: string, channels: number[], blocks: number][] = [
    ['VAN_B0', [32, 64, 160, 256], 13],
    ['VAN_B1', wide, 10],
    ['VAN_B2', wide, 21],
    ['VAN_B3', wide, 38],
  ];
  t.same(
    sizes.map(([type]) => type),
    backbone.types,
  );
  for (const [type, channels, blocks] of sizes) {
    const network = parse({ type });
    const parameters = new Map(network.parameters('backbone'));
    const { ops, log } = shapeOperators(parameters, new Map());
    const maps = network.forward(ops, [2, 3, 57, 83], 'backbone');
    const extents = [
      [15, 21],
      [8, 11],
      [4, 6],
      [2, 3],
    ];
    t.same(
      maps,
      channels.map((width, stage) => [2, width, ...extents[stage]!]),
      `${type}: maps`,
    );
    t.same(network.channels, channels);
    t.equal(network.dropPaths.length, blocks);
    t.same([...log.parameters].sort(), [...parameters.keys()].sort(), `${type}: parameters`);
  }
});

t.test('a drop path has its rate; an image may have other channels', async (t) => {
  const network = parse({ type: 'VAN_B0', drop_path_rate: 0.24, in_chans: 1 });
  t.same(network.dropPaths[0], { name: 'block1.0.drop_path', rate: 0 });
  t.same(network.dropPaths[12], { name: 'block4.1.drop_path', rate: 0.24 });
  t.match(network.dropPaths[6], { name: 'block3.0.drop_path', rate: 0.12 });
  t.same(new Map(network.parameters('b')).get('b.patch_embed1.proj.weight'), [32, 1, 7, 7]);
  t.same(network.initial('patch_embed1.proj.weight', [32, 1, 7, 7]), {
    kind: 'normal',
    std: Math.sqrt(2 / (49 * 32)),
  });
  t.same(network.initial('block1.0.attn.spatial_gating_unit.conv_spatial.weight', [32, 1, 7, 7]), {
    kind: 'normal',
    std: Math.sqrt(2 / 49),
  });
  t.same(network.initial('block1.0.layer_scale_1', [32, 1, 1]), { kind: 'constant', value: 0.01 });
  t.match(parse({ type: 'VAN_B0', drop_rate: 0.1 }).untrainable, /^drop_rate is 0.1; 0 is wanted/);
});

t.test('what the reference fixes cannot be given', async (t) => {
  t.throws(
    () => parse({ type: 'VAN_B1', depths: [1, 1, 1, 1] }),
    new UserError(
      'Cannot read a section: backbone.depths is not a key that is known here; the keys are type, in_chans, drop_rate, drop_path_rate, pretrained.',
    ),
  );
});
