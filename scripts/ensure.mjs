/**
 * What every entry in a clone does first: dependencies as the lock file says, dist/ as the sources say. Imports only
 * Node.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isClone, readText, root, seconds, stampPath, stop, tell, withLockOrStop } from './clone.mjs';
import { ensureBuild } from './ensure-build.mjs';

// The one door for all who begin with these steps.
export { ensureBuild, root, stop, tell };

/** Set by whoever has just done both steps and starts tipcheck again, and by tests. */
const skip = process.env.TIPCHECK_SKIP_ENSURE === '1';

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

/** `npm` as the one that started us, if one did: PATH may hold another. */
export function npm(args, options = {}) {
  const own = process.env.npm_execpath;
  const [command, first] = own?.endsWith('.js') ? [process.execPath, [own]] : ['npm', []];
  return spawnSync(command, [...first, ...args], { cwd: root, stdio: ['ignore', 2, 2], ...options });
}

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
