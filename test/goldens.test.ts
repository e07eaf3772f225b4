import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { listShippedBundles } from '../harness/golden/list-shipped.js';
import { EnvironmentError } from '../harness/support/errors.js';
import { packageRoot } from '../harness/support/package-root.js';
import { ensureOracle } from '../scripts/oracle-environment.js';

t.setTimeout(1_200_000);

/** `npm run test:all` makes every bundle again; `npm test` makes one of a kind. */
const regenerated = process.env.TIPCHECK_TEST_ALL === '1' ? listShippedBundles() : ['segnext-t-odd'];

t.test('the goldens are what the real Paddle gives', async (t) => {
  const python = await findOracle();
  if (python === null) return;
  const oracle = (...args: string[]) => execa(python, ['-m', ...args], { cwd: packageRoot, reject: false, all: true });

  await t.test("the oracle's own tests pass", async (t) => {
    const { exitCode, all } = await oracle('unittest', 'discover', '-s', 'oracle/tests', '-t', '.');
    t.equal(exitCode, 0, all);
  });

  await t.test('every shipped bundle keeps the contract, by the eyes of the oracle', async (t) => {
    const folders = listShippedBundles().map((name) => join('fixtures', 'golden', name));
    const { exitCode, all } = await oracle('oracle', 'verify', ...folders);
    t.equal(exitCode, 0, all);
  });

  await t.test(
    'a bundle that is made again has the same probes, values within 1 ulp and noise within a factor 4',
    async (t) => {
      for (const name of regenerated) {
        const { exitCode, all } = await oracle('oracle', 'check', join('fixtures', 'golden', name));
        t.equal(exitCode, 0, `${name}: ${all}`);
      }
    },
  );

  async function findOracle(): Promise<string | null> {
    try {
      return (await ensureOracle((line) => t.comment(line))).python;
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      t.comment(`not run: ${error.message}`);
      return null;
    }
  }
});
