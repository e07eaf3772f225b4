import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execaNode } from 'execa';
import t from 'tap';
import ts from 'typescript';
import { packageRoot } from '../harness/support/package-root.js';

// A new part of each sort is one new file or folder, and no list is edited, or it is one edit. The parts here are
// dropped into a copy of the sources, which is compiled; then each list is asked for. What else is edited,
// CONTRIBUTING.md says.

t.setTimeout(300_000);

/** Sources; what else the copy needs is linked. */
const rooms = 'bugs cli engines harness models onnx oracle pipeline ports scripts suites tipc training'.split(' ');
const copied = [...rooms, 'tsconfig.json', 'package.json', 'package-lock.json'];
const linked = ['configs', 'fixtures', 'node_modules'];

const judgeFlags = readFileSync(join(packageRoot, 'cli/options/judge.ts'), 'utf8');
const tipcFile = 'configs/tipc/segnext/train_infer_python.txt';

/**
 * Each file that is new or edited, how it is made of one that is there, and the program that prints the names of its
 * list.
 */
const parts: Readonly<Record<string, Part>> = {
  'a model': {
    files: {
      'models/toy/model.ts': `import { definition as segnext } from '../segnext/model.js';
        export const definition = { ...segnext, types: ['Toy'] };`,
    },
    names: `[...(await (await import('./dist/models/registry.js')).readModels()).keys()]`,
    wanted: 'Toy',
  },
  'a backbone': {
    files: {
      'models/backbones/toy/backbone.ts': `import { backbone as mscan } from '../mscan/backbone.js';
        export const backbone = { ...mscan, types: ['Toy'] };`,
    },
    names: `(await (await import('./dist/models/read-backbones.js')).readBackbones()).flatMap(({ types }) => types)`,
    wanted: 'Toy',
  },
  'a port': {
    files: {
      'ports/toy/about.ts': `import { about as wasm } from '../tfjs-wasm/about.js';
        export const about = { ...wasm, rank: 99 };`,
      'ports/toy/port.ts': `export { createPort } from '../tfjs-wasm/port.js';`,
    },
    names: `(await import('./dist/harness/hosts/resolve-port.js')).listBuiltInPorts()`,
    wanted: 'toy',
  },
  'an engine that runs ONNX files': {
    files: {
      'engines/toy/about.ts': `import { about as web } from '../onnxruntime-web/about.js';
        export const about = { ...web, runsOn: 'a toy' };`,
      'engines/toy/adapter.mjs': '',
    },
    names: `(await import('./dist/harness/hosts/resolve-engine.js')).describeOnnxEngines().split(', ')
      .filter((name) => said(['judge', '--help']).join(' ').includes(name))`,
    wanted: 'toy',
  },
  'a kind of figure': {
    files: {
      'harness/kinds/toy.ts': `import { kind as labelMap } from './label-map.js';
        export const kind = { ...labelMap, name: 'toy', names: /\\/toy$/ };`,
    },
    names: `[...(await import('./dist/harness/kinds/index.js')).kinds.keys()]`,
    wanted: 'toy',
  },
  'a report format': {
    files: {
      'harness/reporters/formats/toy.ts': `export const reporter = { since: '9.9.9', fileName: 'toy.txt', render: () => 'toy' };`,
    },
    names: `[...(await (await import('./dist/harness/reporters/find-reporters.js')).findReporters()).keys()]
      .filter((name) => said(['render', '--help']).join(' ').includes(name))`,
    wanted: 'toy',
  },
  'a planted bug': {
    files: { 'bugs/planted/toy.ts': `export { bug } from './gelu-tanh.js';` },
    names: `[...(await (await import('./dist/bugs/read-bugs.js')).readBugs()).keys()]`,
    wanted: 'toy',
  },
  "a form of TIPC's text files": {
    files: {
      'tipc/forms/toy.ts': `import { form as ptq } from './ptq.js';
        export const form = { ...ptq, name: 'toy', rank: 99, title: '===toy_params===' };`,
    },
    names: `(await import('./dist/tipc/plan/read-forms.js')).forms.map(({ name }) => name)`,
    wanted: 'toy',
  },
  'a figure of evaluations': {
    files: {
      'harness/metrics/figures/toy.ts': `import { figure as acc } from './acc.js';
        export const figure = { ...acc, name: 'Toy', since: 3 };`,
    },
    names: `(await import('./dist/harness/kinds/metrics.js')).kind.limits.map(({ figure }) => figure)`,
    wanted: 'Toy',
  },
  'an operator': {
    files: {
      'models/operators/toy.ts': `import type { Shape } from '../shapes.js';
        declare module '../operators.js' { interface Operators<T> { toy(x: T): T } }
        export const shapes = () => ({ toy: (x: Shape) => x });`,
    },
    names: `[...(await (await import('./dist/models/read-operators.js')).readOperators('')).always.keys()]`,
    wanted: 'toy',
  },
  'a suite': {
    files: { 'suites/toy/lite-infer.yaml': readFileSync(join(packageRoot, 'suites/segnext/lite-infer.yaml'), 'utf8') },
    names: `(await import('./dist/harness/config/suite.js')).listSuites().map(({ model }) => model)`,
    wanted: 'toy',
  },
  // Whoever lists it has it read: a flag that one command passed over would do nothing.
  'a judge flag': {
    files: {
      'cli/options/judge.ts': `import { UserError } from '../../harness/support/errors.js';\n${judgeFlags}`
        .replace(
          "OptionGroup<'steps'> = [",
          "$&{ option: new Option('--toy'), refused: { steps: 'no step has one' } },",
        )
        .replace('await readBaseline(flags);', "$&if ('toy' in flags) throw new UserError('the toy was read');"),
    },
    names: `saidByAll(['judge', 'ort', 'nowhere', '--toy'], ['test', '${tipcFile}', 'lite_infer', '--toy'])`,
    wanted: 'the toy was read',
  },
};

/** Asked of Python itself. */
const reference: Part = {
  files: { 'oracle/references/toy.py': 'from oracle.references.paddle import REFERENCE' },
  names: `JSON.parse((await import('node:child_process')).execFileSync('python3', ['-c',
    'import json; from oracle.references import list_references; print(json.dumps(list_references()))'],
    { encoding: 'utf8' }))`,
  wanted: 'toy',
};
const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0;
if (!hasNumpy) t.comment('not run: python3 with NumPy is not there');
const all = { ...parts, ...(hasNumpy ? { 'a reference of the oracle': reference } : {}) };

interface Part {
  readonly files: Readonly<Record<string, string>>;
  /** An expression; its imports are from the copy's root. `said` gives a command's lines, `saidByAll` common ones. */
  readonly names: string;
  readonly wanted: string;
}

const copy = t.testdir();
for (const entry of readdirSync(packageRoot))
  if (copied.includes(entry)) cpSync(join(packageRoot, entry), join(copy, entry), { recursive: true });
for (const entry of linked) symlinkSync(join(packageRoot, entry), join(copy, entry));

const saidByAll = `function saidByAll(...commands) {
  const [first, ...others] = commands.map(said);
  return first.filter((line) => others.every((lines) => lines.includes(line)));
}
function said(argv) {
  const env = { ...process.env, TIPCHECK_SKIP_ENSURE: '1' };
  const { stdout, stderr } = spawnSync(process.execPath, ['cli/tipcheck.mjs', ...argv], { encoding: 'utf8', env });
  return (stdout + stderr).trim().split('\\n');
}`;

async function namesOf({ names }: Part): Promise<string[]> {
  const imports = `import { spawnSync } from 'node:child_process';`;
  writeFileSync(join(copy, 'names.mjs'), `${imports}\n${saidByAll}\nconsole.log(JSON.stringify(${names}));`);
  const { stdout } = await execaNode(join(copy, 'names.mjs'), { cwd: copy });
  return JSON.parse(stdout) as string[];
}

async function build(): Promise<void> {
  writeFileSync(join(copy, 'build.mjs'), `import { ensureBuild } from './scripts/ensure.mjs'; ensureBuild();`);
  await execaNode(join(copy, 'build.mjs'), { cwd: copy });
}

t.before(build);

t.test('before, no list has them', async (t) => {
  for (const [what, part] of Object.entries(all)) {
    const names = await namesOf(part);
    t.ok(names.length > 0 && !names.includes(part.wanted), `${what}: ${names.join(', ')}`);
  }
});

t.test('once they are dropped in and built, each is listed', async (t) => {
  for (const { files } of Object.values(all))
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(copy, path, '..'), { recursive: true });
      writeFileSync(join(copy, path), text);
    }
  await build();
  for (const [what, part] of Object.entries(all))
    t.ok((await namesOf(part)).includes(part.wanted), `${what} is listed`);
});

t.test('a result of earlier limits has no figure that came later', async (t) => {
  const kind = `(await import('./dist/harness/kinds/metrics.js')).kind`;
  const names = `${kind}.earlier['limits/2'].map(({ figure }) => figure)`;
  t.strictSame(await namesOf({ files: {}, names, wanted: '' }), ['mIoU', 'Acc', 'Kappa', 'Dice']);
});

t.test('a stored result of format 1 holds as before', async (t) => {
  const stored = JSON.stringify(join(packageRoot, 'test', 'stored-1', 'evaluation.json'));
  const names = `(await import('./dist/harness/run/find-contradictions.js')).findContradictions(
    (await import('./dist/harness/result/parse-result.js')).parseResult(
      (await import('node:fs')).readFileSync(${stored}, 'utf8')))`;
  t.strictSame(await namesOf({ files: {}, names, wanted: '' }), []);
});

t.test('the compiler names the files that lack an operator: one of each engine and direction', async (t) => {
  const { fileNames, options } = ts.parseJsonConfigFileContent(
    JSON.parse(readFileSync(join(copy, 'tsconfig.json'), 'utf8')),
    ts.sys,
    copy,
  );
  const program = ts.createProgram(
    fileNames.filter((path) => /\/(ports|models)\//.test(path) && !/\.test\.ts$/.test(path)),
    { ...options, noEmit: true, incremental: false },
  );
  const lacking = new Set(
    ts.getPreEmitDiagnostics(program).map(({ file }) => relative(copy, file?.fileName ?? 'no file')),
  );
  t.strictSame([...lacking].sort(), [
    'ports/ort/build-operators.ts',
    'ports/ort/training/training-operators.ts',
    'ports/tfjs-shared/eager-operators.ts',
    'ports/tfjs-shared/fused/fused-operators.ts',
    'ports/tfjs/training/training-operators.ts',
  ]);
});
