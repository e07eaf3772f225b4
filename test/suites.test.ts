import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import t from 'tap';
import { findSuite, listSuites, readSuite } from '../harness/config/suite.js';
import { readBundleFiles } from '../harness/golden/bundle-files.js';
import { listShippedBundles, resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { parseNpz } from '../harness/golden/npz.js';
import { listShippedCurves, readCurve } from '../harness/golden/read-curve.js';
import { listShippedEvalGoldens, readEvalGolden } from '../harness/golden/read-eval-golden.js';
import { readSuiteEntry } from '../harness/run/suite-entries.js';
import { packageRoot } from '../harness/support/package-root.js';
import { readImage } from '../pipeline/image/read-image.js';
import { readLabel } from '../pipeline/image/read-label.js';

/** The data itself: suites, and the fixtures that they name. */

t.setTimeout(300_000);

const fixtures = join(packageRoot, 'fixtures');
const suites = listSuites();
const entries = suites.map(readSuiteEntry);
const tests = listFiles(
  packageRoot,
  /^(?:bugs|cli|harness|models|onnx|pipeline|ports|scripts|test|tipc|training)\/.*\.ts$/,
).map((path) => readFileSync(join(packageRoot, path), 'utf8'));

t.test('every suite is of its own model and mode, names goldens of its own phase, and each golden once', async (t) => {
  const names = entries.map(({ name }) => name);
  t.strictSame(names, [...new Set(names)]);
  for (const { name, ports, bundles, curves, evaluations } of entries) {
    t.ok(bundles.length + curves.length + evaluations.length > 0, `${name} names something`);
    for (const list of [ports, bundles, curves, evaluations]) t.strictSame(list, [...new Set(list)], name);
  }
});

t.test('every fixture that a suite names is there, with the hashes that it states, and an id of its own', async (t) => {
  const ids: string[] = [];
  for (const name of listShippedBundles()) {
    const { id, sha256 }: { id: string; sha256: Record<string, string> } = readJson('golden', name, 'case.json');
    ids.push(id);
    await t.resolves(readBundleFiles(resolveBundleFolder(name), sha256), name);
  }
  for (const name of listShippedCurves()) ids.push(readCurve(name).id);
  for (const name of listShippedEvalGoldens()) ids.push((await readEvalGolden(name)).id);
  t.ok(ids.length >= 18, `${ids.length} goldens are read`);
  t.strictSame(ids, [...new Set(ids)], 'two goldens of one id would be one case in a report');
  for (const { name, bundles, curves, evaluations } of entries) {
    t.strictSame(
      bundles.filter((bundle) => !listShippedBundles().includes(bundle)),
      [],
      name,
    );
    t.strictSame(
      curves.filter((curve) => !listShippedCurves().includes(curve)),
      [],
      name,
    );
    t.strictSame(
      evaluations.filter((golden) => !listShippedEvalGoldens().includes(golden)),
      [],
      name,
    );
  }
});

t.test('the package holds every fixture that a suite names', async (t) => {
  const { files }: { files: string[] } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  const needed = ['fixtures/golden', 'fixtures/curves', 'fixtures/eval'];
  for (const name of listShippedEvalGoldens())
    needed.push(
      join('fixtures', 'eval', name, readJson<{ dataset_root: string }>('eval', name, 'golden.json').dataset_root),
    );
  for (const path of needed) t.ok(files.includes(path), path);
});

t.test('no golden is an orphan: a suite judges it, or a test names it', async (t) => {
  const inSuites = (kind: 'bundles' | 'curves' | 'evaluations') => new Set(entries.flatMap((entry) => entry[kind]));
  const orphans = (names: readonly string[], used: ReadonlySet<string>) =>
    names.filter((name) => !used.has(name) && !tests.some((text) => text.includes(`'${name}'`)));
  t.strictSame(orphans(listShippedBundles(), inSuites('bundles')), []);
  t.strictSame(orphans(listShippedCurves(), inSuites('curves')), []);
  t.strictSame(orphans(listShippedEvalGoldens(), inSuites('evaluations')), []);
});

t.test('no file of the fixtures is an orphan: something lists it or reads it by its name', async (t) => {
  const listed = new Set(['README.md', 'transforms/README.md', 'street/hashes.json', ...listTransformFiles()]);
  for (const name of listShippedBundles()) {
    const { sha256 }: { sha256: object } = readJson('golden', name, 'case.json');
    for (const file of ['case.json', ...Object.keys(sha256)]) listed.add(`golden/${name}/${file}`);
  }
  for (const name of listShippedCurves())
    for (const file of ['curve.json', 'spec.yml']) listed.add(`curves/${name}/${file}`);
  for (const name of listShippedEvalGoldens()) {
    const { sha256 }: { sha256: object } = readJson('eval', name, 'golden.json');
    for (const file of ['golden.json', ...Object.keys(sha256)]) listed.add(`eval/${name}/${file}`);
  }
  for (const file of Object.keys(streetHashes())) listed.add(`street/${file}`);
  const files = listFiles(fixtures, /./);
  t.ok(files.length > 100, `${files.length} files`);
  t.strictSame(
    files.filter((file) => !listed.has(file) && !tests.some((text) => text.includes(`'${basename(file)}'`))),
    [],
    'files that nothing names',
  );
  t.strictSame(
    [...listed].filter((file) => !files.includes(file)),
    [],
    'files that are named and not there',
  );
});

t.test('every street scene has the pixels whose hash is stated', async (t) => {
  for (const [file, hash] of Object.entries(streetHashes())) {
    const path = join(fixtures, 'street', file);
    const pixels = file.includes('gtFine') ? (await readLabel(path)).data : (await readImage(path)).data;
    t.equal(createHash('sha256').update(pixels).digest('hex'), hash, file);
  }
});

t.test('an editor finds the schema that each suite names, and a description of every key', async (t) => {
  for (const { model, mode } of suites) {
    const path = findSuite(model, mode)!;
    const [, schema] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(path, 'utf8')) ?? [];
    t.ok(schema !== undefined, `${path} names a schema`);
    t.equal(resolve(dirname(path), schema ?? ''), join(packageRoot, 'harness', 'config', 'suite.schema.json'));
  }
  t.strictSame(findUndescribed(readJson('..', 'harness', 'config', 'suite.schema.json'), []), []);
});

t.test('every limit of a suite says why, in a sentence', async (t) => {
  for (const { model, mode } of suites) {
    const { limits } = readSuite(findSuite(model, mode)!);
    for (const [name, limit] of Object.entries(limits).filter(([, limit]) => limit !== null))
      t.ok(limit.because.split(/\s+/).length >= 8, `${model}/${mode}: ${name}: ${limit.because}`);
  }
});

t.test('every expected failure is of a golden that its suite judges', async (t) => {
  for (const [at, { model, mode }] of suites.entries()) {
    const { bundles, curves, evaluations } = entries[at]!;
    for (const { bundle } of readSuite(findSuite(model, mode)!).expectedFailures)
      t.ok([...bundles, ...curves, ...evaluations].includes(bundle), `${model}/${mode}: ${bundle}`);
  }
});

t.test('the schemas that the package exports are there, each with an $id of its own', async (t) => {
  const { exports: exported }: { exports: Record<string, unknown> } = readJson('..', 'package.json');
  const paths = Object.entries(exported)
    .filter(([name]) => name.startsWith('./schemas/'))
    .map(([, path]) => String(path));
  t.ok(paths.length >= 5);
  const ids = paths.map((path) => readJson<{ $id: string }>('..', path).$id);
  t.strictSame(ids, [...new Set(ids)]);
  t.ok(ids.every((id) => typeof id === 'string' && id.length > 0));
});

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
  readonly description?: string;
}

/** Paths of properties without a description of their own. */
function findUndescribed({ properties = {}, items, $defs = {} }: SchemaNode, path: readonly string[]): string[] {
  return [
    ...Object.entries(properties).flatMap(([name, node]) => [
      ...(node.description === undefined ? [[...path, name].join('.')] : []),
      ...findUndescribed(node, [...path, name]),
    ]),
    ...(items === undefined ? [] : findUndescribed(items, [...path, '[]'])),
    ...Object.entries($defs).flatMap(([name, node]) => findUndescribed(node, [...path, name])),
  ];
}

/** An .npz of each kind of transform, what they start from, and the pictures whose pixels decode.npz holds. */
function listTransformFiles(): string[] {
  const { cases }: { cases: { transform: { type: string } }[] } = readJson('transforms', 'cases.json');
  const kinds = cases.map(({ transform }) => transform.type.replaceAll(/(?<!^)[A-Z]/g, '-$&').toLowerCase());
  const decode = parseNpz(readFileSync(join(fixtures, 'transforms', 'decode', 'decode.npz')), 'decode.npz');
  const pictures = decode.keys
    .filter((key) => !key.includes('/'))
    .map((key) => (key.includes('.') ? key : `${key}.png`));
  return [
    'cases.json',
    ...['inputs', 'sampler', ...kinds].map((name) => `${name}.npz`),
    ...['decode.npz', ...pictures].map((name) => `decode/${name}`),
  ].map((file) => `transforms/${file}`);
}

function streetHashes(): Readonly<Record<string, string>> {
  return readJson<{ pixels: Record<string, string> }>('street', 'hashes.json').pixels;
}

function readJson<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(fixtures, ...path), 'utf8')) as T;
}

/** Paths below a folder, of files whose path matches. */
function listFiles(folder: string, pattern: RegExp): string[] {
  const skipped = new Set(['node_modules', 'dist', '.git', '.tap', 'reports']);
  const walk = (below: string): string[] =>
    readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : walk(path);
      return pattern.test(path) && existsSync(join(folder, path)) ? [path] : [];
    });
  return walk('');
}
