import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { readPaddleSegConfig } from '../harness/config/paddleseg-yml.js';
import { packageRoot } from '../harness/support/package-root.js';
import { commandRunner } from './run-command-for-tests.js';
import { takeShipped, takeShippedData } from './take-shipped.js';
import { resolvePath } from './tipc/resolve-config.js';

const textFile = 'configs/tipc/segnext/train_infer_python.txt';
const street = 'fixtures/eval/street/segnext_street.yml';

t.test('a path of the package is taken where the folder has none of that name, and standard error says so', (t) => {
  inFolder(t);
  const said = t.capture(process.stderr, 'write', () => true);
  t.equal(takeShipped(textFile), join(packageRoot, textFile));
  t.equal(takeShipped('configs/none.yml'), 'configs/none.yml');
  t.equal(takeShipped('../package.json'), '../package.json', 'nothing outside the package');
  t.same(said.args(), [
    [`${textFile} is not in this folder; the one that tipcheck ships is taken: ${join(packageRoot, textFile)}\n`],
  ]);
  t.end();
});

t.test('a text file and a yml of TIPC are taken from the package alone', (t) => {
  inFolder(t);
  const outside = join('..', '..', basename(dirname(packageRoot)));
  t.strictSame(resolvePath(outside), { path: outside, notes: [] });
  t.equal(resolvePath(textFile).path, join(packageRoot, textFile));
  t.end();
});

t.test("the user's own file goes before the package's, without a word", (t) => {
  inFolder(t);
  mkdirSync('configs/tipc/segnext', { recursive: true });
  writeFileSync(textFile, '');
  const said = t.capture(process.stderr, 'write', () => true);
  t.equal(takeShipped(textFile), textFile);
  t.same(said.args(), []);
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
  const { register } = await import('./commands/explain.js');
  const run = commandRunner(register, 'explain');
  t.match(await run(t, [textFile, 'lite_train_lite_infer']), 'tools/train.py --config');
});

/** The test runs in an empty folder. */
function inFolder(t: Test): void {
  const before = process.cwd();
  process.chdir(t.testdir());
  t.teardown(() => process.chdir(before));
}
