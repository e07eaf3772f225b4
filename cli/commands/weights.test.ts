import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { resolveWeights } from '../../harness/golden/weights.js';
import { readWeightsFile } from '../../harness/golden/weights-file.js';
import { commandRunner } from '../run-command-for-tests.js';
import { register } from './weights.js';

const run = commandRunner(register, 'weights');

for (const ending of ['safetensors', 'npz', 'pdparams']) {
  t.test(`weights writes a .${ending} that holds every value of the bundle`, async (t) => {
    const out = join(t.testdir(), `w.${ending}`);
    t.equal(await run(t, ['segnext-custom', '--out', out]), `${out}: 211 arrays, 0.09 million values\n`);
    const expected = resolveWeights(await readBundle(resolveBundleFolder('segnext-custom')));
    t.strictSame(await readWeightsFile(out), expected);
  });
}

t.test('weights of another ending, or of no bundle, are refused and nothing is written', async (t) => {
  const folder = t.testdir();
  const out = join(folder, 'w.bin');
  await t.rejects(run(t, ['segnext-custom', '--out', out]), {
    name: 'UserError',
    message: `Cannot write weights ${out}: it has the ending .bin; one of .safetensors, .npz, .pdparams is wanted`,
  });
  await t.rejects(run(t, ['segnext-none', '--out', join(folder, 'w.npz')]), {
    name: 'UserError',
    message: /Cannot find bundle segnext-none/,
  });
  t.notOk(existsSync(out));
  t.notOk(existsSync(join(folder, 'w.npz')));
});
