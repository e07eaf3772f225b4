import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from './package-root.js';
import { takeShipped } from './take-shipped.js';

const textFile = 'configs/tipc/segnext/train_infer_python.txt';

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

t.test("the user's own file goes before the package's, without a word", (t) => {
  inFolder(t);
  mkdirSync('configs/tipc/segnext', { recursive: true });
  writeFileSync(textFile, '');
  const said = t.capture(process.stderr, 'write', () => true);
  t.equal(takeShipped(textFile), textFile);
  t.same(said.args(), []);
  t.end();
});

/** The test runs in an empty folder. */
function inFolder(t: Test): void {
  const before = process.cwd();
  process.chdir(t.testdir());
  t.teardown(() => process.chdir(before));
}
