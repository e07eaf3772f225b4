import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';

interface Reach {
  keepReach(isWhole: boolean, folder: string): { readonly environment: NodeJS.ProcessEnv; finish(): readonly string[] };
}

const { keepReach }: Reach = await import(pathToFileURL(join(packageRoot, 'scripts', 'reach.mjs')).href);

const folder = t.testdir();

/** What a run that loads these files, each in a process of its own, has not reached. */
async function runLoading(isWhole: boolean, ...files: readonly string[]): Promise<readonly string[]> {
  const reach = keepReach(isWhole, folder);
  for (const file of files)
    await execa(process.execPath, ['-e', `import(${JSON.stringify(pathToFileURL(join(packageRoot, file)))})`], {
      env: reach.environment,
    });
  return reach.finish();
}

t.test('a file is reached that a process of the tests loaded, and what it imports', async (t) => {
  const unreached = await runLoading(true, 'dist/harness/golden/seeded.js', 'scripts/skips.mjs');
  for (const path of ['harness/golden/seeded.ts', 'scripts/skips.mjs']) t.notOk(unreached.includes(path), path);
  for (const path of ['harness/golden/npy.ts', 'scripts/tap-lines.mjs']) t.ok(unreached.includes(path), path);
});

t.test('neither tests nor what is types alone must be reached', async (t) => {
  const unreached = await runLoading(true);
  t.ok(unreached.length > 500, `${unreached.length} files`);
  t.notOk(unreached.includes('scripts/reach.test.ts'));
  t.notOk(unreached.includes('models/model-definition.ts'));
});

t.test('a run of some tests adds to the runs before it; a whole one begins anew', async (t) => {
  await runLoading(true, 'scripts/skips.mjs');
  const both = await runLoading(false, 'scripts/tap-lines.mjs');
  t.notOk(both.includes('scripts/skips.mjs') || both.includes('scripts/tap-lines.mjs'));
  t.ok((await runLoading(true, 'scripts/tap-lines.mjs')).includes('scripts/skips.mjs'));
});
