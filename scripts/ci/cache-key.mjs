// `node scripts/ci/cache-key.mjs`: what the action keeps between jobs, and under which key. Runs before anything is
// installed.
import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Versions of everything that is installed or prepared: the lock file, and the files that fetch the native parts of
 * ports.
 */
export function versionsKey(folder = root) {
  const ports = readdirSync(join(folder, 'ports'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const setUps = ['harness/setup', ...ports.map(({ name }) => `ports/${name}`)].sort().flatMap((room) =>
    readdirSync(join(folder, room))
      .filter((name) => setUpFile.test(name))
      .sort()
      .map((name) => `${room}/${name}`),
  );
  const hash = createHash('sha256');
  for (const path of ['package-lock.json', ...setUps]) hash.update(readFileSync(join(folder, path)));
  return hash.digest('hex').slice(0, 16);
}

/** What says versions, fetches or compiles. */
const setUpFile = /^(about|addon|engines?|prepare(-.+)?|wheels|compile-.+|fetch-.+)\.ts$/;

/** Another port, device, system or Node has another cache: one for `ort` never carries TensorFlow. */
export function cacheKey(env = process.env) {
  const port = createHash('sha256').update(enginesOf(env)).digest('hex').slice(0, 8);
  const where = [
    process.platform,
    process.arch,
    `node${process.versions.node.split('.')[0]}`,
    env.TIPCHECK_DEVICE ?? 'auto',
  ];
  return ['tipcheck', ...where, port, versionsKey()].join('-');
}

export function cachePaths(env = process.env) {
  const cache = env.XDG_CACHE_HOME;
  return [
    join(root, 'node_modules'),
    join(cache === undefined || cache === '' ? join(homedir(), '.cache') : cache, 'tipcheck'),
  ];
}

function enginesOf({ TIPCHECK_PORT: port = '', TIPCHECK_SUITE: suite = '' }) {
  return port === '' ? `suite ${suite}` : port;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = [`key=${cacheKey()}`, 'paths<<PATHS', ...cachePaths(), 'PATHS', ''];
  appendFileSync(process.env.GITHUB_OUTPUT ?? '/dev/stdout', lines.join('\n'));
}
