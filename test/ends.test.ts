import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { writeTestBundle } from '../harness/golden/test-bundle.js';
import { packageRoot } from '../harness/support/package-root.js';

t.setTimeout(600_000);

const isLinux = process.platform === 'linux';
const notHere = isLinux ? false : 'it needs /dev/full and ulimit';
const quoted = (path: string) => `'${path}'`;
const tipcheck = `${quoted(process.execPath)} ${quoted(join(packageRoot, 'cli', 'tipcheck.mjs'))}`;
const port = (fault: string) =>
  `exec:"${process.execPath}" "${join(packageRoot, 'test', 'ports', 'tiny-exec.mjs')}" ${fault}`;

/**
 * Runs `judge` of a small bundle with the rest of a shell's line. Its exit code is that of tipcheck, whatever stands
 * behind a pipe.
 */
async function judge(t: Test, fault: string, rest: string, environment: Readonly<Record<string, string>> = {}) {
  const folder = t.testdir();
  await writeTestBundle(join(folder, 'tiny'));
  const line = `${tipcheck} judge ${quoted(port(fault))} tiny ${rest}; exit \${PIPESTATUS[0]}`;
  const env = { TIPCHECK_SKIP_ENSURE: '1', ...environment };
  return execa('bash', ['-c', line], { reject: false, cwd: folder, env });
}

function isOneSentence(t: Test, text: string, said: RegExp): void {
  t.match(text, said);
  t.equal(text.trim().split('\n').length, 1, text);
  t.notMatch(text, /defect of tipcheck|\n {4}at /);
}

t.test('a reader that has seen enough changes neither the verdict nor says a word', { skip: notHere }, async (t) => {
  for (const reader of ['head -1', 'true'])
    for (const [fault, code] of [
      ['none', 0],
      ['wrong-z', 1],
    ] as const) {
      const { exitCode, stderr } = await judge(t, fault, `| ${reader}`);
      t.equal(exitCode, code, `${fault} | ${reader}`);
      t.equal(stderr, '', `${fault} | ${reader}`);
    }
});

t.test('an output that is full is exit 3, one sentence, whatever the verdict', { skip: notHere }, async (t) => {
  const { exitCode, stderr } = await judge(t, 'none', '> /dev/full');
  t.equal(exitCode, 3);
  isOneSentence(t, stderr, /^Cannot write what tipcheck judge says to its standard output: the disk is full; /);
});

t.test('too few open files are exit 3, one sentence, wherever they end', { skip: notHere }, async (t) => {
  const folder = t.testdir();
  await writeTestBundle(join(folder, 'tiny'));
  for (const limit of [32, 44]) {
    // What tap has Node load besides would not find its files.
    const line = `ulimit -n ${limit}; NODE_OPTIONS= ${tipcheck} judge ${quoted(port('none'))} tiny`;
    const run = await execa('bash', ['-c', line], { reject: false, cwd: folder, env: { TIPCHECK_SKIP_ENSURE: '1' } });
    t.equal(run.exitCode, 3, `${limit}: ${run.stderr}`);
    isOneSentence(t, run.stderr, /^Cannot (start|open|load a part of|read) .*; .* Fix: ulimit -n 1024/);
  }
});

t.test('a temporary folder that is not there is exit 3, and it is named', { skip: notHere }, async (t) => {
  const { exitCode, stdout, stderr } = await judge(t, 'none', '', { TMPDIR: '/nowhere/at/all' });
  t.equal(exitCode, 3, stderr);
  t.match(
    stdout,
    /Cannot make a temporary folder in \/nowhere\/at\/all: it is not there; a folder that can be written is wanted\. Fix: TMPDIR=<folder>/,
  );
  t.notMatch(stdout, /defect of tipcheck|ENOENT/);
});

t.test('an alias without an anchor is exit 2 with its line: in waivers', async (t) => {
  const folder = t.testdir();
  await writeTestBundle(join(folder, 'tiny'));
  await writeFile(join(folder, 'known.yaml'), 'waivers:\n  - *zz\n');
  const run = await execa('bash', ['-c', `${tipcheck} judge ${quoted(port('none'))} tiny --waivers known.yaml`], {
    ...{ reject: false, cwd: folder, env: { TIPCHECK_SKIP_ENSURE: '1' } },
  });
  t.equal(run.exitCode, 2, run.stderr);
  isOneSentence(
    t,
    run.stderr,
    /^Cannot read the waivers known\.yaml:2: the alias zz has no anchor before it; YAML is wanted/,
  );
});
