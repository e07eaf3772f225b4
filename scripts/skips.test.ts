import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';

interface Skip {
  readonly file: string;
  readonly test: string;
  readonly reason: string;
}

interface Skips {
  createSkipList(): { readonly found: readonly Skip[]; take(line: string): void };
  renderSkips(found: readonly Skip[]): { readonly lines: readonly string[]; readonly strange: readonly Skip[] };
  refuseSkips(count: number): string;
}

const { createSkipList, renderSkips, refuseSkips }: Skips = await import(
  pathToFileURL(join(packageRoot, 'scripts', 'skips.mjs')).href
);

const output = String.raw`TAP version 14
# Subtest: a.test.js
    # not run: this machine has a GPU
    ok 1 - one \# odd # SKIP not run: npm run test:all
    # Subtest: two
        # Subtest: inner
            # not run: no mpirun
            ok 1 - x # SKIP
            ok 2 - runs
        ok 1 - inner
    ok 2 - two
    not ok 3 - later # TODO
ok 1 - a.test.js
# Subtest: b.test.js
    # not typed: README.md:3, it is long
    ok 1 - works
ok 2 - b.test.js
# Subtest: c.test.js
    # not run: there is no GPU
ok 3 - c.test.js # SKIP no tests found
# Subtest: d.test.js
ok 4 - d.test.js # SKIP no tests found
# { total: 7 }`;

function collect(text: string): readonly Skip[] {
  const list = createSkipList();
  for (const line of text.split('\n')) list.take(line);
  return list.found;
}

t.test('what did not run has its file, its test and its reason', async (t) => {
  t.strictSame(collect(output), [
    { file: 'a.test.js', test: '', reason: 'this machine has a GPU' },
    { file: 'a.test.js', test: 'one # odd', reason: 'npm run test:all' },
    { file: 'a.test.js', test: 'two › inner', reason: 'no mpirun' },
    { file: 'a.test.js', test: 'two › inner › x', reason: '' },
    { file: 'a.test.js', test: 'later', reason: '' },
    { file: 'c.test.js', test: '', reason: 'there is no GPU' },
    { file: 'd.test.js', test: '', reason: 'no tests found' },
  ]);
});

t.test('it is listed under its reasons, the strange ones last', async (t) => {
  const { lines, strange } = renderSkips(collect(output));
  t.equal(
    lines.join('\n'),
    `not run: 7
  this machine has a GPU
    a.test.js
  npm run test:all
    a.test.js: one # odd
  there is no GPU
    c.test.js
  no mpirun
    a.test.js: two › inner
  no reason is given
    a.test.js: two › inner › x
    a.test.js: later
  no tests found
    d.test.js`,
  );
  t.equal(strange.length, 4);
  t.match(
    refuseSkips(strange.length),
    /^Cannot pass the gate: the last 4 of these did not run for a reason without a name; /,
  );
});

for (const reason of [
  '../shared/data/camvid is not there',
  'there is no GPU',
  'the addon for a GPU is prepared here',
  '200 steps; npm run test:all runs them',
  'this processor has no kernels for channels in blocks',
  'the system has no /proc',
])
  t.test(`${reason} is let through`, async (t) =>
    t.strictSame(renderSkips([{ file: 'a', test: 'b', reason }]).strange, []),
  );

for (const reason of ['', 'no chromium', 'python3 does not import onnx', 'the addon of tfjs-node-gpu is not prepared'])
  t.test(`${reason || 'no reason'} is not`, async (t) =>
    t.equal(renderSkips([{ file: 'a', test: 'b', reason }]).strange.length, 1),
  );
