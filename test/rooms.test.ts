import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';

/** What every room may import. Within it, a room may import only what stands before it. */
const ground = ['harness/contract', 'harness/support'];

/** The judge's rooms. */
const judge = ['config', 'golden', 'hosts', 'kinds', 'metrics', 'reporters', 'result', 'run', 'setup'].map(
  (room) => `harness/${room}`,
);

/**
 * What a room may import beside itself and the ground. A file belongs to the most special room that its path starts
 * with.
 */
const house: Readonly<Record<string, readonly string[]>> = {
  'harness/kinds': ['harness/result/record', 'harness/result/recognise-rounding.ts', 'harness/metrics/eval-figures.ts'],
  // A stored result names its set of goldens.
  'harness/result/record': [],
  'harness/result': ['harness/result/record', 'harness/kinds', 'harness/golden'],
  'harness/golden': [],
  'harness/metrics': ['harness/result/record', 'harness/kinds', 'harness/golden', 'harness/metrics/eval-figures.ts'],
  // The list of figures, which is also the list of their limits.
  'harness/metrics/eval-figures.ts': ['harness/golden', 'harness/metrics'],
  'harness/reporters': ['harness/result', 'harness/kinds'],
  // Results for tests are summed up as runs are, and name the goldens of today.
  'harness/reporters/result-for-tests.ts': ['harness/result', 'harness/kinds', 'harness/golden', 'harness/run'],
  'harness/config': [],
  // What the set-ups of ports share, and where they lay the engines.
  'harness/setup': [],
  'harness/hosts': ['harness/golden', 'harness/setup'],
  'harness/run': [
    'harness/result',
    'harness/kinds',
    'harness/reporters',
    'harness/metrics',
    'harness/golden',
    'harness/config',
    'harness/hosts',
    'harness/run/evaluator.ts',
  ],
  // What runs the pipeline's evaluation for a run, as types.
  'harness/run/evaluator.ts': ['harness/result/record', 'harness/golden', 'harness/hosts', 'harness/metrics'],
  // What commands call: plans in, a result and its reports out.
  'harness/judge.ts': ['harness/result', 'harness/reporters', 'harness/run'],
  'harness/index.ts': ['harness/result/record', 'harness/golden', 'harness/hosts', 'harness/run'],
  models: ['harness/golden'],
  training: ['harness/golden', 'models'],
  // Files of ONNX: knows no engine.
  onnx: ['harness/golden'],
  ports: ['harness/golden', 'harness/setup', 'models', 'training', 'onnx'],
  // Programs that run ONNX files, and what is known of each before it is started.
  engines: ['harness/setup'],
  pipeline: ['harness/golden', 'harness/metrics', 'models', 'training'],
  // PaddleSeg's tools, each a function: they open ports, in this process.
  'pipeline/tools': [
    'harness/result',
    'harness/golden',
    'harness/metrics',
    'harness/hosts',
    'harness/setup',
    'harness/run',
    'models',
    'training',
    'pipeline',
  ],
  // PaddleSeg's TIPC, from the text to the run: each room imports those before it.
  'tipc/text': judge,
  'tipc/plan': [...judge, 'tipc/text'],
  // Found by their folder: no room imports a form.
  'tipc/forms': [...judge, 'tipc/text', 'tipc/plan', 'tipc/steps'],
  'tipc/suite': [...judge, 'tipc/text', 'tipc/plan'],
  'tipc/steps': tools('text', 'plan'),
  'tipc/inputs': tools('text', 'plan', 'steps'),
  'tipc/runners': tools('text', 'plan', 'steps', 'inputs'),
  'tipc/run': tools('text', 'plan', 'suite', 'steps', 'inputs', 'runners'),
  'tipc/stored': tools('text', 'plan', 'steps', 'inputs', 'runners', 'run'),
  'tipc/prepare': tools('text', 'plan', 'suite', 'steps', 'inputs', 'runners', 'run'),
  'tipc/explain': tools('text', 'plan', 'suite', 'steps', 'inputs', 'runners', 'run'),
  docs: [],
  // What new-port writes, which is the user's.
  templates: [],
};

/** What the rooms of TIPC that run something may import beside the rooms of TIPC named. */
function tools(...rooms: readonly string[]): readonly string[] {
  return [...judge, 'models', 'onnx', 'pipeline', ...rooms.map((room) => `tipc/${room}`)];
}

/** Commands and tests import everything, and only they import each other. */
const arrows: typeof house = {
  ...house,
  cli: [...Object.keys(house), 'scripts'],
  scripts: [...Object.keys(house), 'cli'],
  // Nothing that ships imports it.
  bugs: Object.keys(house).filter((room) => !/^(tipc|docs)/.test(room)),
  test: [...Object.keys(house), 'cli', 'scripts', 'bugs'],
};

/** Packages that only these paths may import. What else names an engine is test/names.test.ts's. */
const packages: Readonly<Record<string, RegExp>> = {
  onnxruntime: /^ports\/ort\//,
  ajv: /^harness\/support\/schema\.ts$/,
  '@tensorflow/': /^ports\/tfjs/,
};

/** Folders without sources of ours: what is installed, built or put out. */
const notOurs = /^(\.|node_modules$|dist$|reports$|data$|output$)/;

const sources = readdirSync(packageRoot)
  .filter((entry) => !notOurs.test(entry))
  .flatMap(listSources)
  .map((path) => ({ path, imports: importsOf(path) }));

t.test('every source file has a room', async (t) => {
  t.ok(sources.length > 1000, `${sources.length} files are looked at`);
  for (const { path } of sources)
    if (roomOf(path) === null) t.fail(`${path} has no room; arrows of this test names them`);
});

t.test('every import between rooms is an arrow of the house', async (t) => {
  for (const { path, imports } of sources) {
    const room = roomOf(path);
    if (room === null || path.endsWith('.test.ts')) continue;
    for (const target of imports.filter((target) => target.startsWith('.')).map((target) => targetOf(path, target))) {
      const to = roomOf(target);
      if (to === null || !mayImport(room, to)) t.fail(`${path} imports ${target}, of ${to ?? 'no room'}`);
    }
  }
});

t.test('an engine is loaded by its own ports alone, and ajv by schema.ts alone', async (t) => {
  for (const { path, imports } of sources) {
    for (const [name, allowed] of Object.entries(packages)) {
      if (imports.some((target) => target.startsWith(name)) && !allowed.test(path)) t.fail(`${path} imports ${name}`);
    }
  }
});

t.test('process arguments, environment and exit codes are read in commands and tests only', async (t) => {
  // The cache's place, the scratch that we were started for, which tools a set-up takes, what a port's own process is
  // told, and what decides about TF32 or a test's browser. Of pipeline/, open-port.ts refuses all but process.env.
  const exceptions =
    /^(harness\/(support\/(cache-folder|find-gpu|scratch)|setup\/(find-cuda|find-tools|run-npm)|hosts\/(module-worker|worker-process)|reporters\/page\/browser-for-tests)|pipeline\/tools\/open-port|ports\/(ort\/session|tfjs\/(fetch-official-addon|load-tensorflow|try-tfjs)))\.ts$/;
  for (const { path } of sources) {
    // An adapter of an engine is a program by itself.
    const isProgram = /^(cli|scripts|test)\/|^engines\/[^/]+\/adapter\.mjs$/.test(path);
    if (isProgram || path.endsWith('.test.ts') || exceptions.test(path)) continue;
    const found = /process\.(argv|env|exit|exitCode)\b/.exec(readFileSync(join(packageRoot, path), 'utf8'));
    if (found !== null) t.fail(`${path} uses ${found[0]}`);
  }
});

t.test('harness/support/console.ts alone writes to standard output and standard error', async (t) => {
  // What a child process says to its parent, commands of GitHub's runner, and tables of developers' own programs.
  const exceptions =
    /^(harness\/support\/console|ports\/tfjs\/try-tfjs|scripts\/(ci\/gate|bench)|scripts\/bench\/.*|test\/.*)\.ts$/;
  for (const { path } of sources) {
    if (/\.mjs$|(\.test|-for-tests)\.ts$/.test(path) || exceptions.test(path)) continue;
    const text = readFileSync(join(packageRoot, path), 'utf8');
    const found = /\bprocess\.(stdout|stderr)\b|\bconsole\.(log|error|warn|info|debug|table)\(/.exec(text);
    if (found !== null) t.fail(`${path} uses ${found[0]}`);
    // Ranks are tipcheck, and clean what they write; scripts/goldens.ts makes ours, of files that we wrote.
    if (
      /\bstd(io|in|out|err): .*'inherit'/.test(text) &&
      !/^(pipeline\/tools\/launch|scripts\/goldens)\.ts$/.test(path)
    )
      t.fail(`${path} lets a program write for itself`);
    if (/^tipc\/(?!(run|prepare)\/)/.test(path) && /support\/console\.js'/.test(text))
      t.fail(`${path} writes; of tipc/ only run/ and prepare/ do`);
  }
});

t.test('an exit code is set in scripts/run-to-its-end.mjs alone; a command gives its own', async (t) => {
  for (const { path } of sources) {
    if (path === 'scripts/run-to-its-end.mjs' || /^test\/|\.test\.ts$/.test(path)) continue;
    if (readFileSync(join(packageRoot, path), 'utf8').includes('process.exitCode')) t.fail(`${path} uses it`);
  }
});

t.test('a catch takes the error that it means; where all are one, it says why', async (t) => {
  // Of what a process holds, a look that fails is one less.
  const exception = 'tipc/steps/watch-memory.ts';
  for (const { path } of sources) {
    if (/^(test|docs)\/|(\.test|-for-tests)\.ts$/.test(path) || path === exception) continue;
    const text = readFileSync(join(packageRoot, path), 'utf8');
    const found = /\.catch\(\(\) =>.*|\bcatch \{\n(?!\s*\/\/).*/.exec(text);
    if (found !== null) t.fail(`${path} swallows errors: ${found[0]}`);
  }
});

t.test('no test matches an empty list, which every list matches: { length: 0 } does', async (t) => {
  for (const { path } of sources) {
    if (!path.endsWith('.test.ts')) continue;
    const text = readFileSync(join(packageRoot, path), 'utf8');
    for (const { index } of text.matchAll(/\bt\.match\(/g)) {
      const found = /\w+: \[\]/.exec(patternAt(text, index));
      if (found !== null) t.fail(`${path} matches ${found[0]}`);
    }
  }
});

/**
 * The second argument of the call of match that begins at `index`. Brackets in texts count as well; those of our tests
 * are even.
 */
function patternAt(text: string, index: number): string {
  let depth = 0;
  let commas: number[] = [];
  for (let at = text.indexOf('(', index); at < text.length; at++) {
    if ('([{'.includes(text[at]!)) depth++;
    else if (')]}'.includes(text[at]!)) depth--;
    else if (text[at] === ',' && depth === 1) commas = [...commas, at];
    if (depth === 0) return text.slice(commas[0] ?? at, commas[1] ?? at);
  }
  return '';
}

function mayImport(room: string, to: string): boolean {
  if (room === to) return true;
  const depth = ground.indexOf(room);
  const allowed = depth >= 0 ? ground.slice(0, depth) : [...ground, ...arrows[room]!];
  return allowed.some((path) => to === path || to.startsWith(`${path}/`));
}

function roomOf(path: string): string | null {
  const rooms = [...ground, ...Object.keys(arrows)].filter((room) => path === room || path.startsWith(`${room}/`));
  return rooms.sort((a, b) => b.length - a.length)[0] ?? null;
}

function targetOf(from: string, target: string): string {
  return join(dirname(from), target).replace(/\.js$/, '.ts');
}

function importsOf(path: string): string[] {
  const text = readFileSync(join(packageRoot, path), 'utf8');
  const found = text.matchAll(/(?:from|import|import\()\s*['"]([^'"\n]+)['"]/g);
  return [...found].map(([, target]) => target!);
}

/** The files of an entry of the top level that hold code, from the top level. */
function listSources(entry: string): string[] {
  const isFolder = statSync(join(packageRoot, entry)).isDirectory();
  const files = isFolder ? readdirSync(join(packageRoot, entry), { recursive: true, encoding: 'utf8' }) : [''];
  return files.map((file) => join(entry, file)).filter((path) => /\.(ts|mts|cts|js|mjs|cjs)$/.test(path));
}
