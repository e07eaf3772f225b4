/** dist/ as the sources say. Imports only Node, and the compiler where something is to be compiled. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readText, root, seconds, stampPath, stop, tell, withLockOrStop } from './clone.mjs';

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

const distFolder = `${root}/dist`;
const recordPath = join(distFolder, '.build-record.json');

function isBuilt(described, check) {
  const record = readRecord();
  if (check && !record.checked) return false;
  const isWhole = Object.keys(described.files).length === Object.keys(record.files).length;
  return isWhole && changedFiles(described, record).length === 0;
}

/**
 * What dist/ was made of: the signature of every source, and that of the settings. `checked` if the compiler found no
 * error in them.
 */
function readRecord() {
  const text = readText(recordPath);
  return text === null ? { checked: false, settings: '', files: {} } : JSON.parse(text);
}

/**
 * Sizes and times of all sources: a few milliseconds, where reading them would take a hundred. Every command begins
 * with it, so paths from the root are put together by hand.
 */
function describeSources() {
  const config = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const sources = config.include.flatMap((folder) => listFiles(folder, isSource));
  const settings = [join(root, 'tsconfig.json'), stampPath].map(signatureOf).join(' ');
  return { config, settings, files: Object.fromEntries(sources.map((path) => [path, signatureOf(`${root}/${path}`)])) };
}

function signatureOf(path) {
  const { mtimeMs, size } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0 };
  return `${size}@${mtimeMs}`;
}

function changedFiles({ settings, files }, record) {
  const kept = record.settings === settings ? record.files : {};
  return Object.keys(files).filter((path) => kept[path] !== files[path] || !existsSync(compiledPath(path)));
}

function build(check) {
  const described = describeSources();
  if (isBuilt(described, check)) return;
  tell(check ? 'Compiling and checking types …' : 'Compiling …');
  const began = Date.now();
  removeOrphans(Object.keys(described.files));
  if (check) compile(described);
  else translate(described);
  writeFileSync(recordPath, JSON.stringify({ checked: check, settings: described.settings, files: described.files }));
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
  for (const path of listFiles('dist', isCompiled).map((file) => `${root}/${file}`)) {
    if (!wanted.has(path.replace(/\.(js\.map|d\.ts)$/, '.js'))) rmSync(path);
  }
}

function isSource(name) {
  return name.endsWith('.ts') && !name.endsWith('.d.ts');
}

function compiledPath(source) {
  return `${distFolder}/${source.slice(0, -'.ts'.length)}.js`;
}

function declarationPath(source) {
  return `${distFolder}/${source.slice(0, -'.ts'.length)}.d.ts`;
}

/** Paths from the root. */
function listFiles(folder, isWanted) {
  if (!existsSync(`${root}/${folder}`)) return [];
  return readdirSync(`${root}/${folder}`, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return listFiles(path, isWanted);
    return isWanted(entry.name) ? [path] : [];
  });
}
