import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';

interface Found {
  readonly name: string;
  readonly lines?: number;
}

interface Counted {
  readonly bytes: number;
  readonly files: number;
  readonly cliLines: number;
  readonly longFiles: readonly Found[];
  readonly longFunctions: readonly Found[];
  readonly wideComments: readonly Found[];
}

const { count }: { count(files: readonly { path: string; text: string }[]): Counted } = await import(
  pathToFileURL(join(packageRoot, 'scripts', 'count.mjs')).href
);

const lines = (length: number) => '\n'.repeat(length);

t.test('bytes, files and lines are those of sources; tests and Python do not count', async (t) => {
  const { bytes, files, cliLines } = count([
    { path: 'cli/a.ts', text: 'é\nb\n' },
    { path: 'cli/a.test.ts', text: 'x\n' },
    { path: 'harness/b-for-tests.ts', text: 'x\n' },
    { path: 'scripts/c.mjs', text: 'x\n' },
    { path: 'test/d.ts', text: 'x\n' },
    { path: 'oracle/e.py', text: 'x\n' },
  ]);
  t.strictSame({ bytes, files, cliLines }, { bytes: 7, files: 2, cliLines: 2 });
});

t.test('a file is long over 250 lines, a test over 400, the longest first', async (t) => {
  const { longFiles } = count([
    { path: 'a.ts', text: lines(250) },
    { path: 'b.py', text: lines(251) },
    { path: 'c.test.ts', text: lines(400) },
    { path: 'oracle/tests/test_d.py', text: lines(401) },
  ]);
  t.strictSame(longFiles, [
    { name: 'oracle/tests/test_d.py', lines: 401 },
    { name: 'b.py', lines: 251 },
  ]);
});

t.test('a function of 61 lines is long, of whatever sort it is', async (t) => {
  const body = (length: number) => `{${lines(length - 1)}}`;
  const { longFunctions } = count([
    {
      path: 'a.ts',
      text: `function short() ${body(60)}
        function long() ${body(61)}
        const arrow = () => ${body(62)};
        class A { method() ${body(63)} }
        export default { property: function () ${body(64)} };`,
    },
  ]);
  t.strictSame(longFunctions, [
    { name: 'a.ts: property', lines: 64 },
    { name: 'a.ts: method', lines: 63 },
    { name: 'a.ts: arrow', lines: 62 },
    { name: 'a.ts: long', lines: 61 },
  ]);
});

t.test('a comment over 120 columns is wide', async (t) => {
  const wide = 'x'.repeat(118);
  const { wideComments } = count([{ path: 'a.ts', text: `// ${wide.slice(1)}\n// ${wide}\nconst a = '${wide}';\n` }]);
  t.strictSame(wideComments, [{ name: 'a.ts:2' }]);
});
