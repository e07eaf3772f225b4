import t from 'tap';
import { groupLayers } from './group-layers.js';

t.test('neighbours with the same first parts are one group; the same name later is another', async (t) => {
  const names = ['backbone.block1.0', 'backbone.block1.1.attn', 'backbone.norm1', 'backbone', 'logits', 'backbone'];
  t.same(groupLayers(names, 2), [
    { label: 'block1', first: 0, last: 1 },
    { label: 'norm1', first: 2, last: 2 },
    { label: 'backbone', first: 3, last: 3 },
    { label: 'logits', first: 4, last: 4 },
    { label: 'backbone', first: 5, last: 5 },
  ]);
  t.same(
    groupLayers(names, 1).map(({ label }) => label),
    ['backbone', 'logits', 'backbone'],
  );
});
