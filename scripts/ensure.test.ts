import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaNode } from 'execa';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';

// Of a file run by itself on a busy machine, without tap's own settings.
t.setTimeout(300_000);

/** A clone in small: one locked dependency, one source, the real scripts and compiler. */
function makeClone(base: string) {
  for (const script of ['clone.mjs', 'ensure-build.mjs', 'ensure.mjs', 'folder-lock.mjs']) {
    cpSync(join(packageRoot, 'scripts', script), join(base, 'scripts', script));
  }
  const options = { target: 'ES2022', module: 'NodeNext', rootDir: '.', outDir: 'dist', strict: true };
  const more = {
    incremental: true,
    tsBuildInfoFile: 'dist/.tsbuildinfo',
    declaration: true,
    types: [],
    skipLibCheck: true,
    lib: ['ES2022'],
  };
  write(base, 'tsconfig.json', JSON.stringify({ compilerOptions: { ...options, ...more }, include: ['cli'] }));
  write(base, 'package.json', '{"type":"module"}');
  write(base, 'package-lock.json', lockOf('1.0.0'));
  write(base, 'cli/one.ts', 'export const one: number = 1;\n');
  write(base, 'npm/package.json', '{"type":"commonjs"}');
  // What npm does as far as this is concerned: it notes its arguments and writes what it installed.
  write(
    base,
    'npm/npm.js',
    `const fs = require('node:fs');
     fs.appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
     if (process.env.NPM_FAILS) process.exit(7);
     fs.mkdirSync('node_modules/one', { recursive: true });
     fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');`,
  );
  return base;
}

function lockOf(version: string): string {
  return JSON.stringify({ packages: { '': {}, 'node_modules/one': { version, integrity: `sha-${version}` } } });
}

function write(base: string, path: string, text: string): void {
  mkdirSync(join(base, path, '..'), { recursive: true });
  writeFileSync(join(base, path), text);
}

async function ensure(base: string, call: string, env: Record<string, string> = {}) {
  const script = join(base, 'call.mjs');
  const timed = `const began = performance.now(); ${call}; console.log(performance.now() - began);`;
  writeFileSync(script, `import { ensureBuild, ensureDependencies } from './scripts/ensure.mjs'; ${timed}`);
  const own = { npm_execpath: join(base, 'npm', 'npm.js'), TIPCHECK_SKIP_ENSURE: '' };
  const { exitCode, stdout, stderr } = await execaNode(script, { cwd: base, reject: false, env: { ...own, ...env } });
  return { exitCode, stderr, durationMs: Number(stdout) };
}

function npmCalls(base: string): string[] {
  return existsSync(join(base, 'npm.log')) ? readFileSync(join(base, 'npm.log'), 'utf8').trim().split('\n') : [];
}

t.test('dependencies are installed once, and again when the lock file changes', async (t) => {
  const base = makeClone(t.testdir());
  t.equal((await ensure(base, 'ensureDependencies()')).exitCode, 0);
  t.equal((await ensure(base, 'ensureDependencies()')).exitCode, 0);
  t.same(npmCalls(base), ['ci --ignore-scripts --include=dev --no-audit --no-fund']);
  t.ok(existsSync(join(base, 'node_modules', '.bin')), 'with a bin folder');
  writeFileSync(join(base, 'package-lock.json'), lockOf('2.0.0'));
  t.equal((await ensure(base, 'ensureDependencies()')).exitCode, 0);
  t.equal(npmCalls(base).length, 2);
});

t.test("a developer's own npm install counts, half an install does not", async (t) => {
  const base = makeClone(t.testdir());
  write(base, 'node_modules/one/package.json', '{}');
  await ensure(base, 'ensureDependencies()');
  t.equal(npmCalls(base).length, 1, 'no record of a finished install: installed again');
  writeFileSync(join(base, 'package-lock.json'), lockOf('2.0.0'));
  writeFileSync(join(base, 'node_modules', '.package-lock.json'), lockOf('2.0.0'));
  await ensure(base, 'ensureDependencies()');
  t.equal(npmCalls(base).length, 1, 'npm itself has recorded the same');
});

t.test('of several processes at once one installs', async (t) => {
  const base = makeClone(t.testdir());
  const runs = await Promise.all([1, 2, 3].map(() => ensure(base, 'ensureDependencies()')));
  t.same(
    runs.map((run) => run.exitCode),
    [0, 0, 0],
  );
  t.equal(npmCalls(base).length, 1);
});

t.test('an install that fails is exit 3 and says so', async (t) => {
  const base = makeClone(t.testdir());
  const { exitCode, stderr } = await ensure(base, 'ensureDependencies()', { NPM_FAILS: '1' });
  t.equal(exitCode, 3);
  t.match(stderr, 'Cannot install dependencies: npm ci ended with 7, its reason is above.');
});

function makeBuildableClone(base: string): string {
  makeClone(base);
  mkdirSync(join(base, 'node_modules'), { recursive: true });
  symlinkSync(join(packageRoot, 'node_modules', 'typescript'), join(base, 'node_modules', 'typescript'));
  return base;
}

t.test('dist follows the sources: changed, new, gone, and deleted in dist', async (t) => {
  const base = makeBuildableClone(t.testdir());
  const compiled = (name: string) => join(base, 'dist', 'cli', name);
  await ensure(base, 'ensureBuild()');
  t.equal(readFileSync(compiled('one.js'), 'utf8'), 'export const one = 1;\n');
  write(base, 'cli/one.ts', 'export const one: number = 11;\n');
  write(base, 'cli/two.ts', 'export const two = 2;\n');
  await ensure(base, 'ensureBuild()');
  t.equal(readFileSync(compiled('one.js'), 'utf8'), 'export const one = 11;\n');
  t.ok(existsSync(compiled('two.js')));
  rmSync(join(base, 'cli', 'two.ts'));
  rmSync(compiled('one.js'));
  await ensure(base, 'ensureBuild()');
  t.notOk(existsSync(compiled('two.js')), 'a source that is gone leaves nothing');
  t.ok(existsSync(compiled('one.js')), 'what somebody deleted is back');
  const { stderr, durationMs } = await ensure(base, 'ensureBuild()');
  t.equal(stderr, '', 'nothing to do');
  t.ok(durationMs < 50, `and that is seen in ${durationMs.toFixed(1)} ms`);
});

t.test('with check, a type error is exit 1, and declarations are written', async (t) => {
  const base = makeBuildableClone(t.testdir());
  write(base, 'cli/two.ts', "export const two: number = 'two';\n");
  t.equal((await ensure(base, 'ensureBuild()')).exitCode, 0, 'without check it only translates');
  const { exitCode, stderr } = await ensure(base, 'ensureBuild({ check: true })');
  t.equal(exitCode, 3, 'never 1, which says that a port disagrees');
  t.match(stderr, 'Cannot compile tipcheck: the errors are above.');
  write(base, 'cli/two.ts', 'export const two: number = 2;\n');
  t.equal((await ensure(base, 'ensureBuild({ check: true })')).exitCode, 0);
  t.ok(existsSync(join(base, 'dist', 'cli', 'two.d.ts')));
  t.equal((await ensure(base, 'ensureBuild()')).stderr, '', 'checked is more than translated');
});

t.test('a syntax error names its file', async (t) => {
  const base = makeBuildableClone(t.testdir());
  write(base, 'cli/two.ts', 'export const = 2;\n');
  const { exitCode, stderr } = await ensure(base, 'ensureBuild()');
  t.equal(exitCode, 3, 'never 1, which says that a port disagrees');
  t.match(stderr, /^Cannot compile cli\/two\.ts: /m);
});
