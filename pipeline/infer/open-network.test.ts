import t from 'tap';
import { drawBases } from './open-network.js';

t.test('what draws needs bases, and what draws nothing needs none', async (t) => {
  const draws = new Map([['decode_head.bases', [2, 3]]]);
  t.strictSame(drawBases(new Map(), null, 0), new Map());
  t.strictSame([...drawBases(draws, { kind: 'fixed', seed: 5, name: 'bases' }, 0).keys()], ['decode_head.bases']);
  t.throws(() => drawBases(draws, null, 0), {
    name: 'UserError',
    message: 'Cannot infer with this network: it draws decode_head.bases; an eval golden with `bases` is wanted',
  });
});
