import t from 'tap';
import { openDeployed } from './open-deployed.js';

t.test('a classifier that was exported is refused, whatever the port, before anything is read', async (t) => {
  const section = { type: 'VAN_B0' };
  const file = { path: 'deploy.yaml', model: 'none.onnx', params: 'none.pdparams', transforms: [], section };
  for (const port of ['ort', 'tfjs'])
    await t.rejects(
      openDeployed(file, {
        port,
        device: 'cpu',
        environment: {},
        bases: { kind: 'fixed', seed: 5, name: 'bases' },
      }),
      {
        name: 'UserError',
        message:
          /^Cannot infer with VAN_B0: it gives a number per class for each image, and no map; a network for segm/,
      },
    );
});
