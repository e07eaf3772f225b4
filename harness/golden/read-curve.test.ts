import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../support/package-root.js';
import { listShippedCurves, parseCurve, readCurve } from './read-curve.js';

t.test('every shipped curve is read, and its inputs are the reference’s by hash', async (t) => {
  t.ok(listShippedCurves().length > 0);
  for (const name of listShippedCurves()) {
    const { train, phase, parameters } = readCurve(name);
    t.equal(phase, 'train');
    t.equal(train?.steps.length, train?.iters);
    t.equal(train?.lossNoise, 'of each step');
    t.ok(parameters.size > 100);
  }
});

t.test('a curve that does not exist is named, with the nearest that does', async (t) => {
  t.throws(() => readCurve('segnext-tt'), {
    message: /Cannot read the loss curve segnext-tt: .* Did you mean segnext-t\?/,
  });
});

const text = readFileSync(join(packageRoot, 'fixtures', 'curves', 'segnext-t', 'curve.json'), 'utf8');
const changed = (change: (curve: Record<string, unknown>) => void) => {
  const curve = JSON.parse(text) as Record<string, unknown>;
  change(curve);
  return JSON.stringify(curve);
};

t.test('a curve that is not as its schema says is refused', async (t) => {
  t.throws(() => parseCurve('{', 'here'), { message: /here\/curve\.json: it is not JSON/ });
  t.throws(
    () =>
      parseCurve(
        changed((curve) => {
          curve.speed = 1;
        }),
        'here',
      ),
    { message: /must NOT have additional properties/ },
  );
  t.throws(
    () =>
      parseCurve(
        changed((curve) => {
          curve.losses = [1, 2];
        }),
        'here',
      ),
    { message: /losses has 2 entries; one for each of 20 iterations is wanted/ },
  );
});

t.test('a seed that is not the reference’s is seen by the hash of its inputs', async (t) => {
  const curve = parseCurve(
    changed((written) => {
      written.seed = 22;
    }),
    'here',
  );
  t.throws(() => readCurve('segnext-t', curve), { message: /image of step 0 has the hash .*; 3858565\w+ is wanted/ });
});

t.test('a curve that a constant loss would fit is refused, and so is an envelope that falls', async (t) => {
  const still = changed((curve) => {
    curve.losses = (curve.losses as number[]).map((_, at) => 3 + at * 1e-6);
  });
  t.throws(() => parseCurve(still, 'here'), {
    message:
      'Cannot use here/curve.json: a constant loss lies within 8 × its envelope everywhere; losses that move are wanted',
  });
  const falling = changed((curve) => {
    (curve.envelope as number[])[7] = 1e-9;
  });
  t.throws(() => parseCurve(falling, 'here'), {
    message:
      'Cannot use here/curve.json: its envelope falls at iteration 7; a running maximum, which never does, is wanted',
  });
});
