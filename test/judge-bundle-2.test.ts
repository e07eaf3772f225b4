import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execaNode } from 'execa';
import t from 'tap';
import { writeTestBundle2 } from '../harness/golden/bundle-2-for-tests.js';
import type { BundleDraft } from '../harness/golden/test-bundle.js';
import { packageRoot } from '../harness/support/package-root.js';

t.setTimeout(600_000);

const program = join(packageRoot, 'test', 'ports', 'tiny-exec.mjs');

/** What `tipcheck judge` says of a program with a fault, on a bundle of format 2. */
async function judge(folder: string, fault: string, change?: (draft: BundleDraft) => void) {
  const bundle = await writeTestBundle2(join(folder, 'tiny'), change);
  const json = join(folder, 'out.json');
  const port = `exec:"${process.execPath}" "${program}" ${fault}`;
  const { exitCode, stderr } = await execaNode(
    join(packageRoot, 'cli', 'tipcheck.mjs'),
    ['judge', port, bundle, '--json', json],
    { reject: false, cwd: packageRoot, env: { TIPCHECK_SKIP_ENSURE: '1' } },
  );
  return { exitCode, stderr, result: JSON.parse(await readFile(json, 'utf8')) };
}

t.test('a port whose two outputs agree passes', async (t) => {
  const { exitCode, stderr, result } = await judge(t.testdir(), 'none');
  t.equal(exitCode, 0, stderr);
  t.match(result.bundles[0].probes, [
    { name: 'y', verdict: 'pass' },
    { name: 'z', verdict: 'pass' },
    { name: 'logits', verdict: 'pass' },
  ]);
});

t.test('a port whose second output alone is wrong fails, and the output is named', async (t) => {
  const { exitCode, result } = await judge(t.testdir(), 'wrong-logits');
  t.equal(exitCode, 1);
  t.match(result.bundles[0], { verdict: 'fail', first_fault: 'logits' });
  t.match(result.bundles[0].probes, [{ verdict: 'pass' }, { verdict: 'pass' }, { name: 'logits', verdict: 'fail' }]);
});
