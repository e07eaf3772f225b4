import t from 'tap';
import { UserError } from '../../harness/support/errors.js';
import { main } from '../bench.js';
import { describeNetwork, parseSize, readNetwork } from './networks.js';

t.test('a network is that of a bundle of the phase', async (t) => {
  const network = await readNetwork('infer', 'van-b0', [224, 160]);
  t.equal(describeNetwork(network, 1), 'VAN_B0, 1×3×224×160, float32, CPU');
  t.equal(describeNetwork(await readNetwork('train'), 2), 'SegNeXt MSCAN_T, 2×3×256×256, float32, CPU');
  await t.rejects(
    readNetwork('train', 'van-b0'),
    new UserError(
      'Cannot race van-b0: it is of phase infer; a bundle of phase train is wanted. Fix: --parts forward,memory',
    ),
  );
});

t.test('a size is height and width', async (t) => {
  t.strictSame(parseSize('224x160'), [224, 160]);
  for (const text of ['224', '0x224', '224x', '224x224x3', '-1x2', '224×224']) t.equal(parseSize(text), null, text);
});

t.test('a network that cannot be raced ends with 2', async (t) => {
  const stderr = t.capture(process.stderr, 'write');
  t.equal(await main(['--parts', 'forward', '--bundle', 'lpsnet-s-train']), 2);
  const said = stderr().map(({ args }) => String(args[0]));
  t.match(said.join(''), 'Cannot race lpsnet-s-train: it is of phase train; a bundle of phase infer is wanted.');
});
