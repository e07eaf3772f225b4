import { join } from 'node:path';
import t from 'tap';
import { readCurve } from '../harness/golden/read-curve.js';
import { namedPorts } from '../harness/hosts/read-ports.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { packageRoot } from '../harness/support/package-root.js';

t.setTimeout(900_000);

for (const { name: port, native } of namedPorts.filter(({ trains }) => trains)) {
  t.test(`${port} stays within the envelope of the reference's loss for twenty iterations`, async (t) => {
    if (native?.isReady('cpu') === false) {
      t.comment(`not run: the native part of ${port} is not prepared; npx tipcheck prepare --port ${port}`);
      return;
    }
    const [found] = await runPlan(
      planRun({ ports: [resolvePort(port)], bundles: [readCurve('segnext-t')], device: 'cpu' }),
    );
    t.equal(found?.reason, null);
    t.equal(found?.verdict, 'pass', found?.firstFault ?? 'no fault');
    t.equal(found?.measurements.filter(({ verdict }) => verdict === 'pass').length, 40);
  });
}

t.test('a loss that leaves the envelope of its own step is red, though it is within that of a later one', async (t) => {
  const curve = readCurve('segnext-t');
  const loss = curve.train!.expect.loss.map((golden, at) =>
    at === 2 ? { ...golden, value: golden.value + 1e-4 } : golden,
  );
  const moved = { ...curve, train: { ...curve.train!, expect: { ...curve.train!.expect, loss } } };
  const [found] = await runPlan(
    planRun({ ports: [resolvePort('ort')], bundles: [moved], device: 'cpu', only: 'loss/2' }),
  );
  t.equal(found?.verdict, 'fail');
  t.equal(found?.firstFault, 'loss/2');
});

for (const [fault, firstFault, reason] of [
  ['none', null, null],
  ['nan', 'loss/5', /^it is NaN; a finite number is wanted$/],
  ['inf', 'loss/5', /^it is Infinity; a finite number is wanted$/],
  ['constant', 'loss/1', /^it is 3\.25\d*; 3\.11\d* is wanted, within/],
] as const) {
  const what = fault === 'none' ? "the reference's own losses are green" : `a loss that is ${fault} is red`;
  t.test(what, async (t) => {
    const curve = readCurve('segnext-t');
    const { loss, lr } = curve.train!.expect;
    const settings = { losses: loss.map(({ value }) => value), rates: lr, fault };
    const module = join(packageRoot, 'test', 'ports', 'curve-player.mjs');
    const [found] = await runPlan(
      planRun({ ports: [{ name: 'tape', about: null, module, settings }], bundles: [curve], device: 'cpu' }),
    );
    t.equal(found?.reason ?? null, null);
    t.equal(found?.verdict, fault === 'none' ? 'pass' : 'fail');
    t.equal(found?.firstFault ?? null, firstFault);
    if (reason !== null) t.match(found?.measurements.find(({ name }) => name === firstFault)?.reason, reason);
  });
}
