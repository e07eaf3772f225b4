import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';

/**
 * Who may import whom, the most special room first: a file belongs to the first room that its path starts with. A room may
 * always import itself.
 */
const arrows: Readonly<Record<string, readonly string[]>> = {
  'harness/support': ['harness/hosts/port-contract.ts'],
  'harness/result.ts': ['harness/hosts/port-contract.ts'],
  'harness/certificate.ts': ['harness/result.ts'],
  'harness/hosts/port-contract.ts': ['harness/support'],
  'harness/golden': ['harness/support', 'harness/hosts/port-contract.ts'],
  'harness/metrics': ['harness/support', 'harness/result.ts', 'harness/golden'],
  'harness/reporters': [
    'harness/support',
    'harness/result.ts',
    'harness/certificate.ts',
    'harness/hosts/port-contract.ts',
  ],
  'harness/config': ['harness/support', 'harness/hosts/port-contract.ts'],
  'harness/hosts': ['harness/support', 'harness/golden', 'harness/hosts/port-contract.ts'],
  'harness/run': [
    'harness/support',
    'harness/result.ts',
    'harness/certificate.ts',
    'harness/metrics',
    'harness/golden',
    'harness/config',
    'harness/hosts',
    'harness/hosts/port-contract.ts',
  ],
  harness: [
    'harness/support',
    'harness/result.ts',
    'harness/golden',
    'harness/hosts',
    'harness/hosts/port-contract.ts',
    'harness/run',
  ],
  models: ['harness/support', 'harness/golden', 'harness/hosts/port-contract.ts'],
  training: ['harness/support', 'harness/golden', 'harness/hosts/port-contract.ts', 'models'],
  ports: ['harness/support', 'harness/golden', 'harness/hosts/port-contract.ts', 'models', 'training'],
  pipeline: [
    'harness/support',
    'harness/golden',
    'harness/metrics',
    'harness/config',
    'harness/hosts/port-contract.ts',
    'models',
    'training',
  ],
};

/** Packages that only these folders may name, in an import or to requireEngine. */
const engines: Readonly<Record<string, RegExp>> = {
  onnxruntime: /^(ports\/ort|ports\/onnx-file|harness\/support\/engines|scripts)/,
  '@tensorflow/': /^(ports\/tfjs|harness\/support\/engines|scripts)/,
};

const sources = ['harness', 'models', 'training', 'ports', 'pipeline', 'cli', 'scripts']
  .flatMap((folder) => listSources(join(packageRoot, folder)))
  .map((path) => ({ path: relative(packageRoot, path), imports: importsOf(path) }));

t.test('every import between rooms is an arrow of the house', async (t) => {
  t.ok(sources.length > 100, `${sources.length} files are looked at`);
  for (const { path, imports } of sources) {
    const room = roomOf(path);
    if (room === null || path.endsWith('.test.ts')) continue;
    const allowed = [room, ...arrows[room]!];
    const stray = imports.filter((target) => target.startsWith('.')).map((target) => targetOf(path, target));
    for (const target of stray) {
      const to = roomOf(target);
      if (to === null || !allowed.includes(to)) t.fail(`${path} imports ${target}, of ${to ?? 'no room'}`);
    }
  }
});

t.test('engines are loaded by their own ports alone', async (t) => {
  for (const { path, imports } of sources) {
    for (const [engine, allowed] of Object.entries(engines)) {
      if (imports.some((target) => target.startsWith(engine)) && !allowed.test(path))
        t.fail(`${path} imports ${engine}`);
    }
  }
});

t.test('process arguments, environment and exit codes are read in cli and scripts only', async (t) => {
  // The cache's place, the scratch that we were started for, what a port's own process is told, and what decides about TF32 or a test's browser.
  const exceptions =
    /^(harness\/(support\/(cache-folder|engines|find-gpu|scratch)|hosts\/(module-worker|subprocess-host)|reporters\/page\/browser-for-tests)|ports\/(ort\/session|tfjs\/load-tensorflow))\.ts$/;
  for (const { path } of sources) {
    if (/^(cli|scripts)\//.test(path) || path.endsWith('.test.ts') || exceptions.test(path)) continue;
    const found = /process\.(argv|env|exit|exitCode)\b/.exec(readFileSync(join(packageRoot, path), 'utf8'));
    if (found !== null) t.fail(`${path} uses ${found[0]}`);
  }
});

function roomOf(path: string): string | null {
  const rooms = Object.keys(arrows).filter((room) => path === room || path.startsWith(`${room}/`));
  return rooms.sort((a, b) => b.length - a.length)[0] ?? null;
}

function targetOf(from: string, target: string): string {
  return relative(packageRoot, resolve(packageRoot, dirname(from), target)).replace(/\.js$/, '.ts');
}

function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const found = text.matchAll(/(?:from|import\(|requireEngine(?:<[^>]*>)?\(|engineRequire\()\s*['"]([^'"]+)['"]/g);
  return [...found].map(([, target]) => target!);
}

function listSources(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}
