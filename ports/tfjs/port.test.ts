import t from 'tap';
import { EnvironmentError } from '../../harness/support/errors.js';
import { seededModel } from '../tfjs-shared/seeded-model-for-tests.js';
import { findTfjsAddon } from './addon.js';
import { createPort } from './port.js';

const section = {
  type: 'SegNeXt',
  backbone: { type: 'MSCAN_T' },
  num_classes: 3,
  decoder_cfg: { channels: 64, ham_channels: 64, num_groups: 8, ham_kwargs: { MD_R: 8 } },
};

t.test('a device that is not there is refused', async (t) => {
  if (findTfjsAddon('gpu') !== null) {
    t.comment('not run: the addon for a GPU is prepared here');
    return;
  }
  await t.rejects(createPort({ device: 'gpu' }), EnvironmentError);
  await t.rejects(createPort({ device: 'gpu' }), {
    message: /addon is not in .* Fix: npx tipcheck prepare --port tfjs$/,
  });
});

t.test('the port on TensorFlow', async (t) => {
  if (findTfjsAddon('cpu') === null) {
    t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
    return;
  }
  const port = await createPort({ device: 'cpu' });

  t.test('reports what the engine says of itself', async (t) => {
    const { report } = port;
    t.equal(report.engine, '@tensorflow/tfjs-node-gpu');
    t.equal(report.version, '4.22.0');
    t.equal(report.device, 'cpu');
    t.match(report.provider, /^TensorFlow \d+\.\d+\.\d+$/);
    t.equal(report.tf32, 'not applicable');
  });

  t.test('finds the same logits with and without probes, at a size that is computed in pieces', async (t) => {
    const { weights, request } = await seededModel(section, [1, 3, 250, 420]);
    const model = await port.load(section, weights);
    const logitsOf = async (probes: string[]) => {
      let logits = new Float32Array();
      await model.infer(request(probes), (name, { data }) => {
        if (name === 'logits') logits = data.slice();
      });
      return logits;
    };
    const shipped = await logitsOf(['logits']);
    const observed = await logitsOf(['logits', 'backbone.norm1']);
    await model.dispose();
    t.equal(shipped.length, 3 * 250 * 420);
    let largest = 0;
    for (let i = 0; i < shipped.length; i++) largest = Math.max(largest, Math.abs(shipped[i]! - observed[i]!));
    t.ok(largest > 0, 'two ways of rounding');
    t.ok(largest < 1e-4, String(largest));
  });

  t.test('closes', async () => port.close());
});
