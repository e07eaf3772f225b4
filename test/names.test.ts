import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { adapters, namedPorts } from '../harness/hosts/read-ports.js';
import { packageRoot } from '../harness/support/package-root.js';
import { readBackbones } from '../models/read-backbones.js';
import { readModels, readReleased } from '../models/registry.js';

/**
 * What is no source of ours, and what may name ports and models: tests, the bugs planted for them, and the bench, which
 * has peers.
 */
const passedOver = /^(\.|node_modules$|dist$|reports$|data$|output$|docs$|test$|bugs$)|^scripts\/bench(\.ts)?$/;

const sources = listSources('');
const files = sources.filter((path) => !path.startsWith('ports/'));

t.test('no text of a source file outside ports/ has the name of a port or of its engine', async (t) => {
  t.ok(files.length > 500, `${files.length} files are looked at`);
  const engines = namedPorts.flatMap((port) => port.engines);
  const names = [...namedPorts, ...adapters, ...engines].map(({ name }) => name);
  // The name by itself: `ort`, but not what `import`, `./sort.js` or a package's `ort.min.mjs` hold.
  const named = new RegExp(`(?<![\\w./-])(${names.join('|')})(?!\\.?[\\w-])`);
  for (const path of files) for (const text of textsOf(path)) if (named.test(text)) t.fail(`${path}: ${text}`);
});

t.test('no source file outside ports/ imports a file of a port', async (t) => {
  for (const path of files)
    for (const text of textsOf(path, true)) if (/^\.{1,2}\/(.+\/)?ports\//.test(text)) t.fail(`${path}: ${text}`);
});

t.test(
  'no text of a source file outside models/ has the name of a model: type, folder or released weights',
  async (t) => {
    const folders = readdirSync(join(packageRoot, 'models')).filter((name) =>
      existsSync(join(packageRoot, 'models', name, 'model.ts')),
    );
    const backbones = (await readBackbones()).flatMap(({ types }) => types);
    const released = (await readReleased()).map(({ name }) => name);
    const names = [...(await readModels()).keys(), ...folders, ...released, ...backbones];
    t.ok(names.length > 5, names.join(', '));
    // At the beginning of a word: `segnext-t`, `SegNeXt's` and `suites/segnext/lite-infer.yaml` have one.
    const named = new RegExp(`(?<!\\w)(${names.join('|')})(?!\\w)`, 'i');
    for (const path of sources)
      for (const text of path.startsWith('models/') ? [] : [...textsOf(path), ...textsOf(path, true)])
        if (named.test(text)) t.fail(`${path}: ${text}`);
  },
);

/**
 * Strings and the texts of templates. @param importing whether those of imports are wanted alone; else all others are
 */
function textsOf(path: string, importing = false): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node, imported: boolean): void => {
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    if (isText && imported === importing) found.push(node.text);
    const imports =
      ts.isImportDeclaration(node) ||
      ts.isExportDeclaration(node) ||
      (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword);
    ts.forEachChild(node, (child) => visit(child, imported || imports));
  };
  const source = readFileSync(join(packageRoot, path), 'utf8');
  visit(ts.createSourceFile(path, source, ts.ScriptTarget.Latest), false);
  return found;
}

function listSources(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (passedOver.test(path)) return [];
    if (entry.isDirectory()) return listSources(path);
    return /(?<!\.test|-for-tests)\.(ts|mjs)$/.test(entry.name) ? [path] : [];
  });
}
