// `npm run count`: how large the house is, and what stands over its limits. Counts the files that git knows, tests left
// out.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const limits = { file: 250, test: 400, function: 60, width: 120 };
const isTest = (path) => /(\.test|-for-tests)\.\w+$|^test\/|(^|\/)tests?_\w+\.py$|^oracle\/tests\//.test(path);

/**
 * @param files each with its path and text
 * @returns bytes and files of .ts and .mjs without tests, lines of cli/, and what is longer or wider than the limits:
 *   files, functions (from the first line of the declaration to its last) and comments
 */
export function count(files) {
  const sources = files.filter(({ path }) => !isTest(path));
  const code = sources.filter(({ path }) => /\.(ts|mjs)$/.test(path));
  const lines = ({ text }) => text.split('\n').length - 1;
  return {
    bytes: code.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0),
    files: code.length,
    cliLines: code.filter(({ path }) => path.startsWith('cli/')).reduce((sum, file) => sum + lines(file), 0),
    longFiles: byLength(
      files
        .map((file) => ({ name: file.path, lines: lines(file) }))
        .filter(({ name, lines }) => lines > (isTest(name) ? limits.test : limits.file)),
    ),
    longFunctions: byLength(code.flatMap(listFunctions).filter(({ lines }) => lines > limits.function)),
    wideComments: code.flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, at) =>
          line.length > limits.width && /^\s*(\/\/|\*|\/\*)/.test(line) ? [{ name: `${path}:${at + 1}` }] : [],
        ),
    ),
  };
}

function listFunctions({ path, text }) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const lineOf = (position) => source.getLineAndCharacterOfPosition(position).line;
  const found = [];
  (function walk(node, name) {
    if (ts.isFunctionLike(node) && node.body !== undefined) {
      const lines = lineOf(node.end) - lineOf(node.getStart()) + 1;
      found.push({ name: `${path}: ${node.name?.getText() ?? name ?? 'a function without a name'}`, lines });
    }
    const own = ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node) ? node.name.getText() : undefined;
    ts.forEachChild(node, (child) => walk(child, own));
  })(source);
  return found;
}

function byLength(found) {
  return found.sort((a, b) => b.lines - a.lines);
}

/** The files that git knows, each with its path and text. */
export function listFiles(root) {
  const { stdout } = spawnSync('git', ['ls-files', '*.ts', '*.mjs', '*.py'], { cwd: root, encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((path) => path !== '')
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function print(counted) {
  const { bytes, files, cliLines, longFiles, longFunctions, wideComments } = counted;
  const list = (title, found) => [`${title}: ${found.length}`, ...found.map(({ name, lines }) => `  ${lines} ${name}`)];
  process.stdout.write(
    [
      `.ts and .mjs without tests: ${bytes} bytes in ${files} files`,
      `cli/ without tests: ${cliLines} lines`,
      ...list(`files over ${limits.file} lines (tests ${limits.test})`, longFiles),
      ...list(`functions over ${limits.function} lines`, longFunctions),
      `comments over ${limits.width} columns: ${wideComments.length}`,
      '',
    ].join('\n'),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  print(count(listFiles(dirname(dirname(fileURLToPath(import.meta.url))))));
