import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../harness/support/package-root.js';
import type { TipcPlan, TipcStep } from '../plan/plan.js';
import { checkInputs } from '../run/check-inputs.js';
import { lookAtData } from '../run/look-at-data.js';
import { readRequest } from '../text/request.js';
import { listData } from './record-data.js';

const decode = join(packageRoot, 'fixtures', 'transforms', 'decode');

// PaddleSeg's deploy/python/infer.py goes by the ending, and passes the .tif over.
t.test('where PaddleSeg alone runs, the pictures of a folder are those that it takes', async (t) => {
  const folder = t.testdir();
  await copyFile(join(decode, 'rgb.png'), join(folder, 'a.png'));
  await copyFile(join(decode, 'kind-rgb.tif'), join(folder, 'a.tif'));
  const request = readRequest('deploy/python/infer.py', ['--image_path', folder]);
  const step = { number: 1, kind: 'infer', request, dependsOn: [] } as unknown as TipcStep;
  const plan = { steps: [step] } as unknown as TipcPlan;
  const given = (...ports: string[]) => ({ plan, configs: new Map(), ports });
  for (const ports of [['ort'], ['paddleseg', 'ort']]) {
    await t.rejects(checkInputs(given(...ports)), {
      name: 'UserError',
      message: /: it names two pictures a, and both masks would be a\.png; /,
    });
    t.match(await listData(given(...ports)), [{ pairs: { length: 2 } }]);
    const seen = await lookAtData(given(...ports), () => 'the same');
    t.match(seen.get(1), { deviations: [/ names 2 pictures, of which 1 is different$/] });
  }
  await checkInputs(given('paddleseg'));
  t.match(await listData(given('paddleseg')), [{ pairs: [{ image: join(folder, 'a.png') }] }]);
  t.strictSame((await lookAtData(given('paddleseg'), () => 'the same')).get(1)?.deviations, []);
});
