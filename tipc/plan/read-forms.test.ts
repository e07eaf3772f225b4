import { cp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import ts from 'typescript';
import { packageRoot, readPackageText } from '../../harness/support/package-root.js';
import { forms } from './read-forms.js';

/** The form that CONTRIBUTING.md has for an example, built. */
const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readPackageText('CONTRIBUTING.md')) ?? [];
const target = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
const ownForm = ts.transpileModule(example, { compilerOptions: target }).outputText;

/** A copy of what is built, with the form in a file of this name: imports from its `tipc/plan/`. */
async function copyWith(t: Test, name: string) {
  const folder = t.testdir({ 'package.json': '{"type": "module", "version": "0.0.0"}' });
  const built = (...path: string[]) => join('dist', ...path);
  for (const room of [built('harness', 'support'), built('tipc')])
    await cp(join(packageRoot, room), join(folder, room), { recursive: true });
  await symlink(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, built('tipc', 'forms', name)), ownForm);
  return (file: string) => import(pathToFileURL(join(folder, built('tipc', 'plan', file))).href);
}

t.test('a form that is dropped in is recognised, planned and listed, and nothing else is edited', async (t) => {
  const load = await copyWith(t, 'own-js.js');
  const { parseTipcText } = await load('read-tipc-file.js');
  const { planTipc } = await load('plan-tipc.js');

  const file = parseTipcText('===own_js_params===\nmodel_name:m\ninference:infer.js --fast\n', 'f.txt');
  t.match(file, { form: 'own_js', modelName: 'm', python: 'python', ports: null, suite: null, run: null });
  t.match(planTipc(file, 'js-infer'), {
    form: 'own_js',
    steps: [{ script: 'infer.js', request: { words: ['--fast'] }, command: 'node infer.js --fast', line: 3 }],
  });
  t.throws(() => planTipc(file, 'whole_infer'), {
    message:
      'Cannot plan mode whole_infer of f.txt: the file is of the form own_js, which TIPC runs in js_infer; one of these is wanted, or a file of the form train_infer or ptq',
  });
  const cpp = parseTipcText(
    '# a\nmodel_name m\nuse_gpu 0\na 1\nb 1\nc 1\nuse_mkldnn 1\nuse_tensorrt 0\nuse_fp16 0\n',
    'f.txt',
  );
  t.throws(() => planTipc(cpp, 'js_infer'), { message: /, or a file of the form own_js$/ });
  t.throws(() => parseTipcText('x', 'f.txt'), {
    message: /^Cannot read f.txt:1: it begins with "x"; a title of TIPC is wanted: .*===own_js_params===/,
  });
});

t.test('no two forms have one rank', async (t) => {
  t.equal(new Set(forms.map(({ rank }) => rank)).size, forms.length);
});

t.test('a file that exports no form, or one of another name, is a fault of the folder', async (t) => {
  const load = await copyWith(t, 'other.js');
  await t.rejects(load('read-forms.js'), {
    message: 'tipc/forms/other.js exports a form of the name own_js',
  });
});
