import { join } from 'node:path';
import t from 'tap';
import { tinyBundle } from '../../test/tiny-bundle.js';
import { type PortTarget, resolvePort } from '../hosts/resolve-port.js';
import { packageRoot } from '../support/package-root.js';
import { startEarly } from './early-start.js';
import { planRun } from './plan.js';
import { runPlan } from './run.js';
import { startOptions } from './start-host.js';

const tiny: PortTarget = {
  name: 'tiny',
  // Not of the user's: such a port does not start early.
  about: resolvePort('ort').about,
  module: join(packageRoot, 'test', 'ports', 'tiny.mjs'),
  settings: { fault: 'none' },
};

t.test('a port of ours is started while the run is made ready, and the run takes that process', async (t) => {
  const early = startEarly(tiny, startOptions({}));
  const taken: PortTarget[] = [];
  const take = (port: PortTarget) => {
    taken.push(port);
    return early.take(port);
  };
  const [found] = await runPlan(planRun({ ports: [tiny], bundles: [tinyBundle()], early: { ...early, take } }));
  t.equal(found?.verdict, 'pass');
  t.strictSame(taken, [tiny]);
  t.equal(early.take(tiny), null, 'it is given once');
  await early.close();
});

t.test('it ends where nobody takes it, and is given to no other port', async (t) => {
  const early = startEarly(tiny, startOptions({}));
  t.equal(early.take({ ...tiny }), null);
  await early.close();
  t.equal(early.take(tiny), null);
});

t.test('a start that fails is told to whoever takes it, and to nobody else', async (t) => {
  const missing = { ...tiny, module: join(packageRoot, 'test', 'ports', 'none.mjs') };
  const [found] = await runPlan(
    planRun({ ports: [missing], bundles: [tinyBundle()], early: startEarly(missing, startOptions({})) }),
  );
  t.equal(found?.verdict, 'error');
  t.match(found?.reason, /Cannot find module '.*none\.mjs'/);
  await startEarly(missing, startOptions({})).close();
});

t.test('a program of the user starts only once its bundles are known to be right', async (t) => {
  for (const port of [resolvePort('exec:false'), { ...tiny, about: null }])
    t.equal(startEarly(port, startOptions({})).take(port), null);
});
