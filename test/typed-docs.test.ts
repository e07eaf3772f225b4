/**
 * Types every block of commands of the README and the docs, in their order, as a reader does who has nothing but the
 * page.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';
import { makeReadersFile } from './readers-files-for-tests.js';
import { pages, readTypedBlocks, type TypedBlock } from './typed-blocks-for-tests.js';

const all = process.env.TIPCHECK_TEST_ALL === '1';
/** `node dist/test/typed-docs.test.js docs/gpu.md` types what stands on that page. */
const asked = process.argv.slice(2);
const blocks = pages.flatMap(readTypedBlocks);
const isAsked = ({ page }: TypedBlock) => asked.length === 0 || asked.includes(page);
const scratch = mkdtempSync(join(tmpdir(), 'tipcheck-typed-'));
t.setTimeout(all ? 5_400_000 : 900_000);
t.teardown(() => rmSync(scratch, { recursive: true, force: true }));

/** A reader's shell: nothing of the outer `npm test`. */
const environment: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|TIPCHECK_|TAP|NODE_OPTIONS$|INIT_CWD$)/i.test(name)),
);

t.test('counts that a page shows are compared; run ids and what a machine decides are not', (t) => {
  for (const [one, other] of [
    ['fail  3 of 8 pictures differ', 'fail  4 of 8 pictures differ'],
    ['pass  288 of 288 arrays agree', 'pass  288 of 289 arrays agree'],
    ['3.14 for 8 arrays', '3.1 for 9 arrays'],
    ['rank 2 of 4', 'rank 2 of 5'],
  ] as const)
    t.not(shapeOf(one), shapeOf(other), one);
  for (const [one, other] of [
    ['mIoU  0.869689  1.0e-3', 'mIoU 0.86 2e-12'],
    ['13098 of 1048576 pixels (1.25 %)', '13099 of 1048576 pixels (1.3 %)'],
    ['passed in 12 s, 700 ms, 3 min', 'passed in 9 s, 12 ms, 4 min'],
    ['it took 1500 MB of 12 GiB', 'it took 9 MB of 8 GiB'],
    ['in reports/20261127-192135-17269', 'in reports/20270101-000000-1'],
  ] as const)
    t.equal(shapeOf(one), shapeOf(other), one);
  t.end();
});

t.test('every block of commands says where it is typed, or why it is not', (t) => {
  t.ok(blocks.length > 30, `${blocks.length} blocks`);
  t.ok(blocks.filter(({ place, slow }) => place !== null && !slow).length > 5, 'some are typed in every run');
  for (const { page, line, reason } of blocks) if (reason !== null) t.comment(`not typed: ${page}:${line}, ${reason}`);
  t.end();
});

const files = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: packageRoot });
const places = files.status === 0 ? { 'a clone': makeClone, 'a project': makeProject, PaddleSeg: makePaddleSeg } : {};
if (files.status !== 0) t.comment('not run: this folder is not a git checkout, so there is nothing to clone');

for (const [place, make] of Object.entries(places)) {
  const chosen = blocks.filter((block) => block.place === place && isAsked(block) && (all || !block.slow));
  if (chosen.length === 0) continue;
  t.test(`what the pages say to type in ${place} does what they say`, async (t) => {
    const folder = await make();
    const variables: Record<string, string> = {};
    for (const block of chosen) await typeBlock(t, block, folder, variables);
  });
}

/** Variables that a block sets stay set for the blocks after it, as in one shell. */
async function typeBlock(
  t: import('tap').Test,
  block: TypedBlock,
  folder: string,
  variables: Record<string, string>,
): Promise<void> {
  for (const [at, command] of block.commands.entries()) {
    const where = `${block.page}:${block.line}: ${command}`;
    const [, name, value] = /^([A-Z]+)=(\S+)$/.exec(command) ?? [];
    if (name !== undefined) {
      variables[name] = value!;
      continue;
    }
    await makeReadersFile(command, folder);
    const last = at === block.commands.length - 1;
    const { exitCode, all: output } = await execa('bash', ['-c', command], {
      cwd: folder,
      env: { ...environment, ...variables },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      all: true,
    });
    t.equal(exitCode, last ? block.exitCode : 0, `${where}\n${exitCode === 0 ? '' : String(output).slice(-2000)}`);
    if (last && block.printed !== null) comparePrinted(t, String(output), block.printed, where);
  }
}

/** Each line that the page shows is printed, but for what `shapeOf` takes out. */
function comparePrinted(t: import('tap').Test, output: string, printed: string, where: string): void {
  const found = output.split('\n').map(shapeOf);
  for (const line of printed.split('\n').filter((text) => text.trim() !== ''))
    t.ok(found.includes(shapeOf(line)), `${where} prints: ${line}\n${output.slice(-3000)}`);
}

/**
 * A line without run ids and without what a processor decides: fractions, times, sizes, and how many pixels fall on the
 * other side.
 */
function shapeOf(line: string): string {
  return line
    .replaceAll(/\d{8}-\d{6}-\d+/g, 'RUN')
    .replaceAll(/\d+(\.\d+(e[+-]?\d+)?|e[+-]?\d+)/g, '0')
    .replaceAll(/\d+(?= (?:ms|s|min|h|[kMG]i?B|bytes)\b)/g, '0')
    .replaceAll(/\d+(?= of \d+ pixels)/g, '0')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

// Places

/** The files of this checkout as they are, built, with its dependencies. */
async function makeClone(): Promise<string> {
  const folder = join(scratch, 'tipcheck');
  if (existsSync(folder)) return folder;
  for (const path of files.stdout
    .toString()
    .split('\0')
    .filter((name) => existsSync(join(packageRoot, name)) && name !== ''))
    copy(join(packageRoot, path), join(folder, path));
  cpSync(join(packageRoot, 'dist'), join(folder, 'dist'), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { preserveTimestamps: true });
}

/** An empty project of a reader, beside the clone that packed the package. */
async function makeProject(): Promise<string> {
  await makeClone();
  await execa('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', join(scratch, 'tipcheck')], {
    cwd: packageRoot,
  });
  const folder = join(scratch, 'project');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"name":"mine","private":true}\n');
  return folder;
}

/**
 * A folder that has PaddleSeg's layout and text file: the one that tipcheck ships, at PaddleSeg's place. The clone's
 * tipcheck.
 */
async function makePaddleSeg(): Promise<string> {
  const clone = await makeClone();
  const folder = join(scratch, 'paddleseg');
  copy(
    join(packageRoot, 'configs/tipc/segnext/train_infer_python.txt'),
    join(folder, 'test_tipc/configs/segnext/train_infer_python.txt'),
  );
  cpSync(join(packageRoot, 'configs'), join(folder, 'configs'), { recursive: true });
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  symlinkSync(join(clone, 'cli', 'tipcheck.mjs'), join(folder, 'node_modules/.bin/tipcheck'));
  writeFileSync(join(folder, 'package.json'), '{"name":"paddleseg","private":true}\n');
  return folder;
}
