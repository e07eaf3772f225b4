import t from 'tap';
import { seededDraws } from './training-draws.js';

const image = [2, 3, 40, 40];

t.test('flags are 0 and 1, bases uniform numbers for NMF and normal ones for VQ and CD', async (t) => {
  for (const type of ['NMF', 'VQ', 'CD']) {
    const draws = (await seededDraws(section(type), 3, 0))(7, image);
    const values = (name: string) => Array.from(draws.get(name)!.data, Number);
    t.ok(values('decode_head.dropout').every((value) => value === 0 || value === 1));
    const bases = values('decode_head.hamburger.ham.bases');
    t.equal(bases.length, 2 * 16 * 64);
    const squares = bases.reduce((sum, value) => sum + value * value, 0) / bases.length;
    t.ok(Math.abs(squares - (type === 'NMF' ? 1 / 3 : 1)) < 0.1, `${type}: the mean square is ${squares}`);
    t.equal(
      bases.every((value) => value >= 0 && value < 1),
      type === 'NMF',
    );
  }
});

function section(type: string) {
  return {
    type: 'SegNeXt',
    backbone: { type: 'MSCAN_T' },
    num_classes: 3,
    decoder_cfg: { channels: 16, ham_channels: 16, num_groups: 4, ham_kwargs: { HAM_TYPE: type } },
  };
}
