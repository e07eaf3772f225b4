import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execaNode } from 'execa';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';
import { tipcheck, writeSmallConfig } from './tools-for-tests.js';

/** How a command is cut short by a port that runs in its process. */
const cuts: readonly (readonly [what: string, body: string, said: RegExp])[] = [
  [
    'a promise that never settles',
    'return new Promise(() => undefined);',
    /^Cannot finish tipcheck train: it stopped before it was done \(nothing was left to do\), and its output does not count;.*\. Fix: run it again/m,
  ],
  [
    'a library that calls process.exit(0)',
    'process.exit(0);',
    /^Cannot finish tipcheck train: it stopped before it was done \(something called process\.exit\), and its output does not count/m,
  ],
  [
    'an error that nobody caught',
    "setTimeout(() => { throw new Error('thrown into the void'); }, 5); return new Promise(() => undefined);",
    /thrown into the void/,
  ],
];
for (const [what, body, said] of cuts) {
  t.test(`${what} ends a command with exit code 3 and a sentence`, async (t) => {
    const folder = t.testdir();
    const port = join(folder, 'port.mjs');
    await writeFile(port, `export async function createPort() { ${body} }\n`);
    const config = await writeSmallConfig(folder);
    const { exitCode, stderr, stdout } = await tipcheck(['train', '--config', config, '--port', port], folder);
    t.equal(exitCode, 3);
    t.match(stderr, said);
    t.notMatch(`${stderr}${stdout}`, /unsettled top-level await/);
  });
}

t.test('a verdict stands, whatever exit code a library asks for behind it', async (t) => {
  for (const [end, asked, wanted] of [
    [0, 'process.exit(7)', 0],
    [1, 'process.exit(0)', 1],
    [0, "throw new Error('late')", 3],
    [1, "throw new Error('late')", 1],
  ] as const)
    t.equal(await endOf(t.testdir(), `setTimeout(() => { ${asked}; }, 20); return ${end};`), wanted, asked);
});

t.test('an end that is not a whole number is none', async (t) => {
  t.equal(await endOf(t.testdir(), 'return undefined;'), 3);
});

t.test('help, the version and a list end with 0', async (t) => {
  for (const args of [['--help'], ['--version'], ['list']])
    t.equal((await tipcheck(args, t.testdir())).exitCode, 0, args.join(' '));
});

async function endOf(folder: string, body: string): Promise<number | undefined> {
  const script = join(folder, 'script.mjs');
  const module = pathToFileURL(join(packageRoot, 'scripts', 'run-to-its-end.mjs')).href;
  await writeFile(
    script,
    `import { runToItsEnd } from ${JSON.stringify(module)};\nrunToItsEnd('it', async () => { ${body} });\n`,
  );
  return (await execaNode(script, { reject: false })).exitCode;
}
