import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { commandRunner } from '../../cli/run-command-for-tests.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { takeShipped } from '../../harness/support/take-shipped.js';
import { resolvePath } from '../../tipc/steps/resolve-config.js';
import { readPaddleSegConfig } from './paddleseg-yml.js';
import { takeShippedData } from './take-shipped.js';

const textFile = 'configs/tipc/segnext/train_infer_python.txt';
const street = 'fixtures/eval/street/segnext_street.yml';

t.test('a text file and a yml of TIPC are taken from the package alone', (t) => {
  inFolder(t);
  const outside = join('..', '..', basename(dirname(packageRoot)));
  t.strictSame(resolvePath(outside), { path: outside, notes: [] });
  t.equal(resolvePath(textFile).path, join(packageRoot, textFile));
  t.end();
});

t.test('a shipped yml finds the shipped pictures, and a yml of the user never does', async (t) => {
  inFolder(t);
  t.capture(process.stderr, 'write', () => true);
  const shipped = takeShippedData(await readPaddleSegConfig(takeShipped(street)));
  for (const key of ['train_dataset', 'val_dataset']) {
    const root = (shipped.values[key] as { dataset_root: string }).dataset_root;
    t.equal(root, join(packageRoot, 'fixtures/street'));
    t.ok(existsSync(root));
  }
  writeFileSync('mine.yml', 'val_dataset:\n  dataset_root: fixtures/street\n');
  const mine = takeShippedData(await readPaddleSegConfig('mine.yml'));
  t.equal((mine.values.val_dataset as { dataset_root: string }).dataset_root, 'fixtures/street');
});

t.test('explain plans a shipped text file from any folder', async (t) => {
  inFolder(t);
  t.capture(process.stderr, 'write', () => true);
  const { register } = await import('../../cli/commands/explain.js');
  const run = commandRunner(register, 'explain');
  t.match(await run(t, [textFile, 'lite_train_lite_infer']), 'tools/train.py --config');
});

/** The test runs in an empty folder. */
function inFolder(t: Test): void {
  const before = process.cwd();
  process.chdir(t.testdir());
  t.teardown(() => process.chdir(before));
}
