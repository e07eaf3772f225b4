import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';

interface TapLines {
  createTapFilter(write: (line: string) => void): (line: string) => void;
}

const { createTapFilter }: TapLines = await import(pathToFileURL(join(packageRoot, 'scripts', 'tap-lines.mjs')).href);

function filter(text: string): string[] {
  const kept: string[] = [];
  const take = createTapFilter((line) => kept.push(line));
  for (const line of text.split('\n')) take(line);
  return kept;
}

t.test('a file that passed is one line, and what did not run is shown', (t) => {
  const text =
    'TAP version 14\n1..1\n# Subtest: a.js\n    ok 1 - works\n    ok 2 - gpu # SKIP not run: no GPU\nok 1 - a.js # time=1ms';
  t.same(filter(text), ['    ok 2 - gpu # SKIP not run: no GPU', 'ok 1 - a.js # time=1ms']);
  t.end();
});

t.test('a file that failed is whole, with its diagnostics', (t) => {
  const text =
    '# Subtest: a.js\n    not ok 1 - works\n      ---\n      ...\nnot ok 1 - a.js\n  ---\n  exitCode: 1\n  ...\n# { total: 1 }';
  t.same(filter(text), text.split('\n'));
  t.end();
});

t.test('a bail out is shown', (t) => {
  t.same(filter('TAP version 14\nBail out! no port'), ['Bail out! no port']);
  t.end();
});
