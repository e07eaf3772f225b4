import t from 'tap';
import { describeForeignNames } from './foreign-names.js';

const wanted = ['backbone.norm1.weight', 'backbone.norm1._mean', 'decode_head.conv.weight'];

t.test('a prefix before every name is named', async (t) => {
  const why = (prefix: string) => `its names begin with "${prefix}"; names without it are wanted`;
  t.equal(
    describeForeignNames(
      wanted.map((name) => `module.${name}`),
      wanted,
    ),
    why('module.'),
  );
  t.equal(
    describeForeignNames(
      wanted.map((name) => `a.b.${name}`),
      wanted,
    ),
    why('a.b.'),
  );
  t.equal(describeForeignNames(['model.norm1.weight', 'model.norm1._mean'], wanted), why('model.'), 'of a backbone');
});

t.test("PyTorch's names are named, behind a prefix, too", async (t) => {
  const paddle =
    "Paddle's are wanted: _mean for running_mean, _variance for running_var, no num_batches_tracked, weights of linear layers transposed";
  const torch = ['backbone.norm1.weight', 'backbone.norm1.running_mean', 'backbone.norm1.num_batches_tracked'];
  t.equal(
    describeForeignNames(torch, wanted),
    `its names are PyTorch's, such as backbone.norm1.running_mean; ${paddle}`,
  );
  t.equal(
    describeForeignNames(
      torch.map((name) => `module.${name}`),
      wanted,
    ),
    `its names are PyTorch's, such as module.backbone.norm1.running_mean, after "module."; ${paddle}`,
  );
});

t.test('weights of another network have neither', async (t) => {
  for (const given of [
    [],
    wanted,
    ['head.conv.weight', 'head.conv.bias'],
    ['backbone.other.weight'],
    ['module.x', 'other.y'],
  ])
    t.equal(describeForeignNames(given, wanted), null, given.join());
});
