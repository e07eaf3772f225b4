/** What every entry in a clone does first: dependencies as the lock file says, dist/ as the sources say. Imports only Node. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './folder-lock.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Set by whoever has just done both steps and starts tipcheck again, and by tests. */
const skip = process.env.TIPCHECK_SKIP_ENSURE === '1';

/** npm never packs package-lock.json, so an installed package has none. */
export const isClone = existsSync(join(root, 'package-lock.json')) && existsSync(join(root, 'tsconfig.json'));

/** Dependencies and build: what must be true before anything of dist/ is imported. Does nothing in an installed package. */
export function ensureAll() {
  if (!isClone || skip) return;
  ensureDependencies();
  ensureBuild();
}

/** Runs `npm ci` unless node_modules is what package-lock.json says. */
export function ensureDependencies() {
  if (dependenciesMatch()) return;
  const say = (owner) => tell(`Process ${owner} is installing the dependencies; waiting for it.`);
  withLock(join(root, '.tipcheck-install.lock'), installDependencies, say);
}

/** Compiles the sources if one is newer than dist/, and removes what was compiled from a source that is gone. */
export function ensureBuild() {
  const before = describeSources();
  if (isBuilt(before)) return;
  mkdirSync(join(root, 'dist'), { recursive: true });
  const say = (owner) => tell(`Process ${owner} is compiling; waiting for it.`);
  withLock(join(root, 'dist', '.build.lock'), build, say);
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

/** The link lets `npx tipcheck` find the clone's own program: npm links a package's bin only where it is a dependency. */
function finishInstall() {
  const bin = join(root, 'node_modules', '.bin', 'tipcheck');
  rmSync(bin, { force: true });
  mkdirSync(dirname(bin), { recursive: true });
  symlinkSync(join('..', '..', 'cli', 'tipcheck.mjs'), bin);
  writeFileSync(stampPath, wantedStamp());
}

// Build

const distFolder = join(root, 'dist');
const buildStampPath = join(distFolder, '.build-stamp');

function isBuilt({ stamp, sources }) {
  return readText(buildStampPath) === stamp && sources.every((source) => existsSync(compiledPath(source)));
}

/** Paths, sizes and times of all sources: a few milliseconds, where reading them would take a hundred. */
function describeSources() {
  const config = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const sources = config.include.flatMap((folder) => listFiles(join(root, folder), isSource)).sort();
  const hash = createHash('sha256');
  for (const path of [...sources, join(root, 'tsconfig.json'), stampPath]) {
    const { mtimeMs, size } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0 };
    hash.update(`${relative(root, path)} ${size} ${mtimeMs}\n`);
  }
  return { sources, stamp: hash.digest('hex') };
}

function build() {
  const described = describeSources();
  if (isBuilt(described)) return;
  tell('Compiling …');
  const began = Date.now();
  removeOrphans(described.sources);
  // tsc's own record would keep it from writing again what somebody deleted.
  if (described.sources.some((source) => !existsSync(compiledPath(source)))) {
    rmSync(join(distFolder, '.tsbuildinfo'), { force: true });
  }
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', root], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) stop('Cannot compile tipcheck: the errors are above.', 1);
  writeFileSync(buildStampPath, described.stamp);
  tell(`Compiled in ${seconds(began)} s.`);
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
  return join(distFolder, relative(root, source)).replace(/\.ts$/, '.js');
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
