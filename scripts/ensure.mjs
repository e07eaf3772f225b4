/**
 * What every entry in a clone does first: dependencies as the lock file says, dist/ as the sources say. Imports only
 * Node.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ForeignLock, withLock } from './folder-lock.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Set by whoever has just done both steps and starts tipcheck again, and by tests. */
const skip = process.env.TIPCHECK_SKIP_ENSURE === '1';

/** npm never packs package-lock.json, so an installed package has none. */
export const isClone = existsSync(join(root, 'package-lock.json')) && existsSync(join(root, 'tsconfig.json'));

/**
 * Dependencies and build: what must be true before anything of dist/ is imported. Does nothing in an installed package.
 */
export function ensureAll() {
  if (!isClone || skip) return;
  ensureDependencies();
  ensureBuild();
}

/** Runs `npm ci` unless node_modules is what package-lock.json says. */
export function ensureDependencies() {
  if (dependenciesMatch()) return;
  const say = (owner) => tell(`Process ${owner} is installing the dependencies; waiting for it.`);
  withLockOrStop(join(root, '.tipcheck-install.lock'), installDependencies, say);
}

/**
 * Brings dist/ up to date with the sources, and removes what was compiled from a source that is gone. Without `check`
 * each changed file is translated by itself, in a second or two; with it the compiler checks all types and writes
 * declarations.
 */
export function ensureBuild({ check = false } = {}) {
  if (isBuilt(describeSources(), check)) return;
  mkdirSync(distFolder, { recursive: true });
  const say = (owner) => tell(`Process ${owner} is compiling; waiting for it.`);
  withLockOrStop(join(distFolder, '.build.lock'), () => build(check), say);
}

function withLockOrStop(path, work, onWait) {
  try {
    withLock(path, work, onWait);
  } catch (error) {
    if (error instanceof ForeignLock) stop(error.message);
    throw error;
  }
}

/** Ends the process with `message`: these steps come before there is anything to catch it. */
export function stop(message, exitCode = 3) {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

export function tell(line) {
  process.stderr.write(`${line}\n`);
}

/** `npm` as the one that started us, if one did: PATH may hold another. */
export function npm(args, options = {}) {
  const own = process.env.npm_execpath;
  const [command, first] = own?.endsWith('.js') ? [process.execPath, [own]] : ['npm', []];
  return spawnSync(command, [...first, ...args], { cwd: root, stdio: ['ignore', 2, 2], ...options });
}

// Dependencies

const stampPath = join(root, 'node_modules', '.tipcheck-stamp');

function dependenciesMatch() {
  const stamp = readText(stampPath);
  if (stamp === wantedStamp()) return true;
  if (!installedAsLocked()) return false;
  finishInstall();
  return true;
}

/** The platform belongs to it: a folder shared between two systems holds the binaries of one. */
function wantedStamp() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}`;
}

/**
 * npm writes node_modules/.package-lock.json at the end of an install. It is compared with package-lock.json, so that a
 * developer's own `npm install` counts, and an interrupted one does not.
 */
function installedAsLocked() {
  const installed = readText(join(root, 'node_modules', '.package-lock.json'));
  if (installed === null) return false;
  const have = JSON.parse(installed).packages;
  const want = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(want).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const found = have[path];
    if (found === undefined) return optional === true;
    return found.version === version && found.integrity === integrity && existsSync(join(root, path));
  });
}

function installDependencies() {
  if (dependenciesMatch()) return;
  tell('Installing dependencies (npm ci) …');
  const began = Date.now();
  const { status, error } = npm(['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund']);
  if (error !== undefined) {
    stop(`Cannot install dependencies: npm was not found (${error.code}). Fix: install npm, which comes with Node`);
  }
  if (status !== 0) {
    stop(
      `Cannot install dependencies: npm ci ended with ${status}, its reason is above. Fix: see that npm's registry can be reached`,
    );
  }
  finishInstall();
  tell(`Dependencies installed in ${seconds(began)} s.`);
}

/**
 * The link lets `npx tipcheck` find the clone's own program: npm links a package's bin only where it is a dependency.
 */
function finishInstall() {
  const bin = join(root, 'node_modules', '.bin', 'tipcheck');
  rmSync(bin, { force: true });
  mkdirSync(dirname(bin), { recursive: true });
  symlinkSync(join('..', '..', 'cli', 'tipcheck.mjs'), bin);
  writeFileSync(stampPath, wantedStamp());
}

// Build

const distFolder = join(root, 'dist');
const recordPath = join(distFolder, '.build-record.json');

function isBuilt(described, check) {
  const record = readRecord();
  if (check && !record.checked) return false;
  const { files } = described;
  const paths = Object.keys(files);
  return paths.length === Object.keys(record.files).length && changedFiles(described, record).length === 0;
}

/** What dist/ was made of: the signature of every source. `checked` if the compiler found no error in them. */
function readRecord() {
  const text = readText(recordPath);
  return text === null ? { checked: false, files: {} } : JSON.parse(text);
}

/** Sizes and times of all sources: a few milliseconds, where reading them would take a hundred. */
function describeSources() {
  const config = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const sources = config.include.flatMap((folder) => listFiles(join(root, folder), isSource)).sort();
  const settings = [join(root, 'tsconfig.json'), stampPath].map(signatureOf).join(' ');
  const files = Object.fromEntries(sources.map((path) => [relative(root, path), `${signatureOf(path)} ${settings}`]));
  return { config, files };
}

function signatureOf(path) {
  const { mtimeMs, size } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0 };
  return `${size}@${mtimeMs}`;
}

function changedFiles({ files }, record) {
  const isChanged = ([path, signature]) => record.files[path] !== signature || !existsSync(compiledPath(path));
  return Object.entries(files)
    .filter(isChanged)
    .map(([path]) => path);
}

function build(check) {
  const described = describeSources();
  if (isBuilt(described, check)) return;
  tell(check ? 'Compiling and checking types …' : 'Compiling …');
  const began = Date.now();
  removeOrphans(Object.keys(described.files));
  if (check) compile(described);
  else translate(described);
  writeFileSync(recordPath, JSON.stringify({ checked: check, files: described.files }));
  tell(`Compiled in ${seconds(began)} s.`);
}

function compile({ files }) {
  // tsc's own record would keep it from writing again what somebody deleted.
  const isMissing = (path) => !existsSync(compiledPath(path)) || !existsSync(declarationPath(path));
  if (Object.keys(files).some(isMissing)) rmSync(join(distFolder, '.tsbuildinfo'), { force: true });
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', root], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) stop('Cannot compile tipcheck: the errors are above.');
}

/** One file at a time, which tsconfig's `isolatedModules` guarantees to be possible. */
function translate(described) {
  const ts = createRequire(import.meta.url)('typescript');
  const { target } = described.config.compilerOptions;
  const compilerOptions = { target: ts.ScriptTarget[target], module: ts.ModuleKind.ESNext, isolatedModules: true };
  for (const path of changedFiles(described, readRecord())) {
    const output = ts.transpileModule(readFileSync(join(root, path), 'utf8'), {
      compilerOptions,
      fileName: path,
      reportDiagnostics: true,
    });
    const problem = output.diagnostics?.[0];
    if (problem !== undefined)
      stop(`Cannot compile ${path}: ${ts.flattenDiagnosticMessageText(problem.messageText, ' ')}`);
    mkdirSync(dirname(compiledPath(path)), { recursive: true });
    writeWhole(compiledPath(path), output.outputText);
  }
}

/** A process that starts at the same moment reads the old file or the new one. */
function writeWhole(path, text) {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

function removeOrphans(sources) {
  const wanted = new Set(sources.map(compiledPath));
  const isCompiled = (name) => /\.(js|js\.map|d\.ts)$/.test(name);
  for (const path of listFiles(distFolder, isCompiled)) {
    if (!wanted.has(path.replace(/\.(js\.map|d\.ts)$/, '.js'))) rmSync(path);
  }
}

function isSource(name) {
  return name.endsWith('.ts') && !name.endsWith('.d.ts');
}

function compiledPath(source) {
  return join(distFolder, source.replace(/\.ts$/, '.js'));
}

function declarationPath(source) {
  return join(distFolder, source.replace(/\.ts$/, '.d.ts'));
}

function listFiles(folder, isWanted) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return listFiles(path, isWanted);
    return isWanted(entry.name) ? [path] : [];
  });
}

function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

function seconds(began) {
  return ((Date.now() - began) / 1000).toFixed(1);
}
