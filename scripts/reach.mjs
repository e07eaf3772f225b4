// `npm run reach`: the source files that no test loaded. `npm run test:all` keeps count of every process that its tests
// start: commands, ports, workers. A run of some tests adds to what earlier ones reached; a whole run begins anew.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { listFiles } from './count.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const kept = join(root, 'dist', '.reach');

/** What no test loads in a process of this clone. */
const passedOver = [
  // They run the tests, and what comes before and after.
  /^scripts\/(build|pack|reach|run|setup|start|test|tipcheck-process)\.mjs$/,
  // test/package.test.ts loads it where the package is installed.
  /^harness\/index\.ts$/,
  // By hand, beside the oracle.
  /^(scripts\/bench|docs\/examples)\b/,
];

/**
 * Begins to keep count. What Node writes at the end of a process are megabytes: they are read and removed all the time.
 * @param isWhole whether every test is run: what earlier runs reached is then forgotten
 * @returns `environment` of the tests' process, and `finish`, which gives the source files that were not reached
 */
export function keepReach(isWhole, folder = kept) {
  if (isWhole) rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'raw'), { recursive: true });
  const timer = setInterval(() => mergeReach(folder), 2000);
  return {
    environment: { NODE_V8_COVERAGE: join(folder, 'raw') },
    finish() {
      clearInterval(timer);
      mergeReach(folder);
      rmSync(join(folder, 'raw'), { recursive: true });
      return listUnreached(folder);
    },
  };
}

/** Adds what Node's files name to the list, and removes them. One that is half written waits. */
function mergeReach(folder) {
  const reached = readReached(folder);
  for (const name of readdirSync(join(folder, 'raw'))) {
    const path = join(folder, 'raw', name);
    const urls = parseCoverage(readFileSync(path, 'utf8'));
    if (urls === null) continue;
    for (const url of urls) reached.add(sourceOf(fileURLToPath(url)));
    rmSync(path);
  }
  writeFileSync(join(folder, 'reached.json'), `${JSON.stringify([...reached].sort(), null, 1)}\n`);
}

/** Addresses of the files of this clone that a process loaded; null where its text is not whole yet. */
function parseCoverage(text) {
  try {
    const urls = JSON.parse(text).result.map(({ url }) => url);
    return urls.filter((url) => url.startsWith(`${pathToFileURL(root).href}/`) && !url.includes('/node_modules/'));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** `dist/cli/main.js` → `cli/main.ts` */
function sourceOf(path) {
  return relative(root, path).replace(/^dist\/(.*)\.js$/, '$1.ts');
}

/** Sources but for tests, and for what is types alone: no process loads it. */
export function listUnreached(folder = kept) {
  const reached = readReached(folder);
  return listFiles(root)
    .map(({ path }) => path)
    .filter((path) => /(?<!\.test)\.(ts|mjs)$/.test(path) && !passedOver.some((pattern) => pattern.test(path)))
    .filter((path) => !reached.has(path) && !isTypesAlone(path));
}

function isTypesAlone(path) {
  const compiled = join(root, 'dist', path.replace(/\.ts$/, '.js'));
  if (!path.endsWith('.ts') || !existsSync(compiled)) return false;
  return /^export \{\};$/.test(
    readFileSync(compiled, 'utf8')
      .replace(/\/\/.*/g, '')
      .trim(),
  );
}

function readReached(folder) {
  try {
    return new Set(JSON.parse(readFileSync(join(folder, 'reached.json'), 'utf8')));
  } catch (error) {
    if (error.code === 'ENOENT') return new Set();
    throw error;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const unreached = listUnreached();
  process.stdout.write(`${[`source files that no test reached: ${unreached.length}`, ...unreached].join('\n')}\n`);
}
