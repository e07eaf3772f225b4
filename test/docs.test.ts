import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { Program } from '../cli/program.js';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { packageRoot } from '../harness/support/package-root.js';

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...listPages('docs')];
const layer = 'backbone.patch_embed1.proj.0';

t.test('every link between pages leads somewhere', async (t) => {
  for (const page of pages) {
    const links = [...readText(page).matchAll(/(?<!!)\[[^\]]+\]\(([^)#]+)[^)]*\)/g)].map(([, target]) => target!);
    const mentions = [...readText(page).matchAll(/(?<![\w/])docs\/[\w-]+\.md/g)].map(([path]) => path);
    for (const link of links.filter((target) => !target.includes('://')))
      t.ok(existsSync(join(packageRoot, dirname(page), link)), `${page}: ${link}`);
    for (const path of mentions) t.ok(existsSync(join(packageRoot, path)), `${page}: ${path}`);
  }
});

async function optionsOf(name: string): Promise<(string | undefined)[]> {
  const program = new Program().enablePositionalOptions();
  (await import(`../cli/commands/${name}.js`)).register(program);
  return program.commands[0]!.options.map(({ long }) => long);
}

t.test('every command and option that a page tells the reader to type is there', async (t) => {
  const commands = pages.flatMap((page) => [
    ...readText(page).matchAll(/npx --no -- tipcheck ([a-z]+(?:-[a-z]+)*)([^`\n|#]*)/g),
  ]);
  t.ok(commands.length > 20, `${commands.length} commands`);
  for (const [line, name, rest] of commands) {
    const path = join(packageRoot, 'cli', 'commands', `${name}.ts`);
    if (!t.ok(existsSync(path), line)) continue;
    const known: (string | undefined)[] = [];
    for (const command of name === 'launch' ? [name, 'train', 'val'] : [name!])
      known.push(...(await optionsOf(command)));
    for (const [, option] of rest!.matchAll(/(?<= )(--[a-z_-]+)/g))
      t.ok(option === '--help' || known.includes(option), `${option} of ${line}`);
  }
});

t.test(
  'no page says plain npx tipcheck, which asks npm for a name that nobody owns where tipcheck is not installed',
  async (t) => {
    for (const page of pages.filter((path) => path !== 'CHANGELOG.md'))
      t.notMatch(readText(page), 'npx tipcheck', page);
  },
);

t.test('every command stands in a page, and every page is reached from the README', async (t) => {
  const all = pages.map(readText).join('\n');
  const commands = readdirSync(join(packageRoot, 'cli', 'commands')).filter((name) => /^[a-z-]+\.ts$/.test(name));
  t.ok(commands.length > 10, `${commands.length} commands`);
  for (const name of commands.map((file) => file.slice(0, -'.ts'.length)))
    t.match(all, new RegExp(`tipcheck ${name}\\b`), `tipcheck ${name}`);
  const reached = new Set(['README.md']);
  for (const page of reached) for (const target of linksOf(page)) reached.add(target);
  for (const page of pages.filter((path) => path.startsWith('docs/'))) t.ok(reached.has(page), `${page} is linked`);
});

t.test('every file of this project that a page names in backticks is there', async (t) => {
  const rooms = 'bugs|cli|configs|docs|fixtures|harness|models|oracle|pipeline|ports|scripts|suites|test|training';
  const named = new RegExp(`\`((?:${rooms})/[\\w./-]+)\``, 'g');
  for (const page of pages.filter((path) => path !== 'CHANGELOG.md'))
    for (const [, path] of readText(page).matchAll(named))
      t.ok(existsSync(join(packageRoot, path!)), `${page}: ${path}`);
});

t.test('every folder of the top level has a README, whose links lead somewhere', async (t) => {
  const { status, stdout } = spawnSync('git', ['ls-files', '*/*'], { cwd: packageRoot, encoding: 'utf8' });
  if (status !== 0) return void t.comment('not run: this folder is not a git checkout');
  const folders = new Set(stdout.split('\n').flatMap((path) => /^\w[^/]*(?=\/)/.exec(path) ?? []));
  t.ok(folders.size > 10, `${folders.size} folders`);
  for (const folder of folders) {
    const page = `${folder}/README.md`;
    if (!t.ok(existsSync(join(packageRoot, page)), page)) continue;
    for (const [, link] of readText(page).matchAll(/\]\(([^)#]+)[^)]*\)/g))
      t.ok(existsSync(join(packageRoot, folder, link!)), `${page}: ${link}`);
  }
});

t.test('every page of docs/ leads to the terms in its first lines', async (t) => {
  const all = pages.filter((path) => path.startsWith('docs/') && path !== 'docs/terms.md');
  t.ok(all.length > 15, `${all.length} pages`);
  for (const page of all) t.match(readText(page).split('\n').slice(0, 5).join('\n'), '](terms.md)', page);
});

t.test("PaddleSeg's seven commands stand in the README and in their page, each with ours", async (t) => {
  for (const page of ['README.md', 'docs/from-paddleseg.md']) {
    const rows = readText(page)
      .split('\n')
      .filter((line) => line.startsWith('|') && line.includes('`'));
    for (const theirs of [
      /pip install -r/,
      /pip install -v -e/,
      /tools\/train\.py --config .*--save_interval 8000/,
      /paddle\.distributed\.launch/,
      /tools\/val\.py/,
      /test_tipc\/prepare\.sh/,
      /test_train_inference_python\.sh/,
    ]) {
      const row = rows.find((line) => theirs.test(line));
      t.ok(row !== undefined, `${page}: ${theirs.source}`);
      t.match(row, /npx --no -- tipcheck|npm run setup|nothing/, `${page}: ours for ${theirs.source}`);
    }
  }
});

t.test('every npm script that a page names is there', async (t) => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readText('package.json'));
  for (const page of pages)
    for (const [line, name] of readText(page).matchAll(/npm (?:run )?(start|test|(?<=run )[a-z:]+(?:-[a-z]+)*)/g))
      t.ok(name! in scripts, `${page}: ${line}`);
});

t.test('the example of a port module passes on its layer', async (t) => {
  await judgeExample(t, join(packageRoot, 'docs', 'examples', 'first-layer.mjs'));
});

t.test('the port module in docs/add-a-port.md is the example', async (t) => {
  const example = readText('docs/examples/first-layer.mjs').replaceAll(/\s+/g, ' ');
  const [, code] = /```js\n([\s\S]*?)```/.exec(readText('docs/add-a-port.md')) ?? [];
  for (const line of (code ?? '').split('\n').filter((text) => /^ {2,4}\w+: '/.test(text)))
    t.ok(example.includes(line.replace(/ *\/\/.*/, '').trim()), line.trim());
  t.ok(example.includes("export async function createPort({ device }) { if (device === 'gpu') throw"));
});

async function judgeExample(t: import('tap').Test, spec: string): Promise<void> {
  const bundle = await readBundle(resolveBundleFolder('segnext-t'));
  const [found] = await runPlan(planRun({ ports: [resolvePort(spec)], bundles: [bundle], only: layer }));
  t.equal(found?.reason, null);
  t.equal(found?.verdict, 'pass');
  t.ok(found?.measurements[0]?.compared, 'something was compared');
}

/** Pages that a page links to or names. */
function linksOf(page: string): string[] {
  const links = [...readText(page).matchAll(/\[[^\]]+\]\(([\w/-]+\.md)[^)]*\)/g)].map(([, path]) =>
    join(dirname(page), path!),
  );
  const named = [...readText(page).matchAll(/(?<![\w/])docs\/[\w-]+\.md/g)].map(([path]) => path);
  return [...links, ...named].filter((path) => pages.includes(path));
}

function listPages(folder: string): string[] {
  return readdirSync(join(packageRoot, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}

function readText(path: string): string {
  return readFileSync(join(packageRoot, path), 'utf8');
}
