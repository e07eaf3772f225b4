import t from 'tap';
import { float32NdArray } from '../../harness/contract/nd-array.js';
import type { LoadedModel } from '../../harness/contract/port.js';
import { drawBases, openNetwork } from './open-network.js';

t.test('scores stay as they are when a port uses its array for the next image', async (t) => {
  const data = new Float32Array(2 * 192 * 256);
  const loaded: LoadedModel = {
    async infer({ inputs }, onProbe) {
      data.fill(Number(inputs.get('image')!.data[0]));
      onProbe('logits', float32NdArray([1, 2, 192, 256], data));
    },
    dispose: async () => undefined,
  };
  const section = {
    type: 'LPSNet',
    num_classes: 2,
    depths: [1, 1, 1, 1],
    channels: [2, 2, 2, 2],
    scale_ratios: [1, 0.5],
  };
  const network = (await openNetwork(loaded, section, null)).of(0);
  const image = (value: number) => ({
    channels: 3,
    height: 192,
    width: 256,
    data: new Float32Array(3 * 192 * 256).fill(value),
  });
  const [first, second] = [await network(image(1)), await network(image(2))];
  t.strictSame([first.data[0], second.data[0]], [1, 2]);
});

t.test('what draws needs bases, and what draws nothing needs none', async (t) => {
  const draws = new Map([['decode_head.bases', [2, 3]]]);
  t.strictSame(
    drawBases(new Map(), null, 0, () => false),
    new Map(),
  );
  t.strictSame(
    [...drawBases(draws, { kind: 'fixed', seed: 5, name: 'bases' }, 0, () => false).keys()],
    ['decode_head.bases'],
  );
  const drawn = (isNormal: boolean) =>
    drawBases(draws, { kind: 'fixed', seed: 5, name: 'bases' }, 0, () => isNormal).get('decode_head.bases')!.data;
  t.ok(Array.from(drawn(false), Number).every((value) => value >= 0 && value < 1));
  t.ok(Array.from(drawn(true), Number).some((value) => value < 0));
  t.throws(() => drawBases(draws, null, 0, () => false), {
    name: 'UserError',
    message: 'Cannot infer with this network: it draws decode_head.bases; an eval golden with `bases` is wanted',
  });
});
