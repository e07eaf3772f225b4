import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type Options } from 'execa';
import t from 'tap';
import { findReporters } from '../harness/reporters/find-reporters.js';
import { packageRoot } from '../harness/support/package-root.js';

/** What the issue asks for: a package that drags no engine in is there in half a minute. */
const installLimitMs = 30_000;

// Outside the clone: npx and npm look upwards, and would find the clone's own.
const base = await mkdtemp(join(tmpdir(), 'tipcheck-package-'));
// Of a file run by itself, without tap's own settings.
t.setTimeout(600_000);
t.teardown(() => rm(base, { recursive: true, force: true }));
const project = join(base, 'project');
mkdirSync(project);
writeFileSync(join(project, 'package.json'), '{"name":"empty","private":true}\n');

/** A user's shell: nothing of the outer `npm test`, and not this clone's .npmrc, which forbids scripts. */
const environment: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|TIPCHECK_|TAP|NODE_OPTIONS$|INIT_CWD$)/i.test(name)),
);
environment.XDG_CACHE_HOME = join(base, 'cache');
const inProject: Options = { cwd: project, env: environment, extendEnv: false, reject: false, stdin: 'ignore' };

async function pack(): Promise<string> {
  await execa('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', base], { cwd: packageRoot });
  const tarball = readdirSync(base).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack left no tarball');
  return join(base, tarball);
}

/** Paths in `readPackageText('…')`, of everything compiled. */
function namedByCode(): string[] {
  const dist = join(packageRoot, 'dist');
  const scripts = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?<!\.test|-for-tests)\.js$/.test(name),
  );
  const found = scripts.flatMap((name) => [
    ...readFileSync(join(dist, name), 'utf8').matchAll(/readPackageText\('([^']+)'\)/g),
  ]);
  return [...new Set(found.map((match) => match[1] ?? ''))];
}

async function npx(...args: string[]) {
  const { exitCode, stdout, stderr } = await execa('npx', ['--no-install', 'tipcheck', ...args], inProject);
  return { exitCode, stdout: String(stdout), stderr: String(stderr) };
}

t.test('the package holds what runs, and nothing of tests and caches', async (t) => {
  const tarball = await pack();
  const { stdout } = await execa('tar', ['-tzf', tarball]);
  const files = stdout.split('\n').map((line) => line.slice('package/'.length));
  for (const wanted of [
    'cli/tipcheck.mjs',
    'dist/cli/main.js',
    'dist/harness/index.js',
    'dist/harness/index.d.ts',
    'dist/ports/ort/port.js',
    'fixtures/golden/segnext-t/case.json',
    'oracle/requirements.txt',
    'templates/cpp/tipcheck_port.hpp',
    'templates/python/tipcheck_port.py',
    'templates/typescript/port.mts',
    'LICENSE',
  ]) {
    t.ok(files.includes(wanted), wanted);
  }
  const stray = files.filter((file) =>
    /\.test\.|__pycache__|package-lock|node_modules|^dist\/(test|bugs)\/|\.tsbuildinfo/.test(file),
  );
  t.same(stray, []);
  t.same(
    namedByCode().filter((path) => !files.includes(path)),
    [],
    'every file of the package that the code reads by name is in it',
  );
  t.comment(`${files.length} files, ${(statSync(tarball).size / 1e6).toFixed(1)} MB`);
});

t.test('it installs in half a minute with npm as it comes, and drags no engine in', async (t) => {
  const tarball = readdirSync(base).find((name) => name.endsWith('.tgz')) ?? '';
  const startedAt = Date.now();
  const { exitCode, stderr } = await execa('npm', ['install', join(base, tarball)], inProject);
  const durationMs = Date.now() - startedAt;
  t.equal(exitCode, 0, String(stderr));
  t.comment(`npm install took ${(durationMs / 1000).toFixed(1)} s`);
  t.ok(durationMs < installLimitMs, 'under 30 s');
  const installed = readdirSync(join(project, 'node_modules'));
  t.notOk(installed.includes('onnxruntime-node'));
  t.notOk(installed.includes('@tensorflow'));
});

t.test('its program runs without a clone around it', async (t) => {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  const { exitCode, stdout } = await npx('--version');
  t.equal(exitCode, 0);
  t.equal(stdout.trim(), version);
});

t.test('before prepare the port says what to do', async (t) => {
  const { exitCode, stdout, stderr } = await npx('judge', 'ort', 'segnext-t');
  t.equal(exitCode, 3);
  t.match(`${stdout}\n${stderr}`, /onnxruntime-node.* Fix: npx tipcheck prepare/);
});

t.test('prepare --port ort, then judge ort segnext-t, exit 0', async (t) => {
  const prepared = await npx('prepare', '--port', 'ort');
  t.equal(prepared.exitCode, 0, prepared.stderr);
  t.match(prepared.stderr, /^ort: ready/m);
  const again = await npx('prepare', '--port', 'ort');
  t.notMatch(again.stderr, 'Downloading', 'the second time it is there');
  const judged = await npx('judge', 'ort', 'segnext-t', '--report', 'out');
  t.equal(judged.exitCode, 0, `${judged.stdout}\n${judged.stderr}`);
  const report = [...(await findReporters()).values()].map(({ fileName }) => fileName);
  t.same(readdirSync(join(project, 'out')).sort(), report.sort(), 'with a report');
});

t.test('the judge can be called from code, with types', async (t) => {
  const script = "import * as tipcheck from 'tipcheck'; process.stdout.write(Object.keys(tipcheck).join(' '));";
  const { exitCode, stdout } = await execa(process.execPath, ['--input-type=module', '-e', script], inProject);
  t.equal(exitCode, 0);
  t.match(String(stdout), /\breadBundle\b/);
  writeFileSync(
    join(project, 'use.ts'),
    "import { readBundle } from 'tipcheck';\nexport const read: typeof readBundle = readBundle;\n",
  );
  const compiler = join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  const types = join(packageRoot, 'node_modules', '@types');
  const strict = [
    '--strict',
    '--noEmit',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--typeRoots',
    types,
    '--types',
    'node',
  ];
  const compiled = await execa(process.execPath, [compiler, ...strict, '--skipLibCheck', 'use.ts'], inProject);
  t.equal(compiled.exitCode, 0, String(compiled.stdout));
});

t.test('a package that was packed without being built says so', async (t) => {
  const broken = join(base, 'broken');
  mkdirSync(broken);
  const tarball = readdirSync(base).find((name) => name.endsWith('.tgz')) ?? '';
  await execa('tar', ['-xzf', join(base, tarball), '-C', broken, '--exclude', 'package/dist']);
  const program = join(broken, 'package', 'cli', 'tipcheck.mjs');
  const { exitCode, stderr } = await execa(process.execPath, [program, '--version'], inProject);
  t.equal(exitCode, 3);
  t.match(String(stderr), /holds no compiled dist\/cli\/main\.js; .* Fix: pack it with npm run pack/);
});
