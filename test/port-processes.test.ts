import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';
import { isRunning, readProcess } from '../harness/support/process-table.js';
import { placeOfProcesses } from '../harness/support/scratch-name.js';

/**
 * A port that notes itself and the children that it starts, one of them in a session of its own whose parent is gone at
 * once, then does as its first argument says. Its folder is noted too.
 */
const program = `
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const [does, notes] = process.argv.slice(2);
const note = (pid) => appendFileSync(notes, pid + '\\n');
const idle = ['-e', 'process.on("SIGTERM", () => undefined); setInterval(() => undefined, 1000)'];
note(process.pid);
note(spawn(process.execPath, idle, { stdio: 'inherit' }).pid);
const orphan = 'const c = require("child_process").spawn(process.execPath, ' + JSON.stringify(idle) + ', { detached: true, stdio: "ignore" }); console.log(c.pid); c.unref();';
spawn(process.execPath, ['-e', orphan]).stdout.on('data', (text) => note(Number(text)));
if (does === 'stubborn') for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => undefined);
for await (const line of createInterface({ input: process.stdin })) {
  const { op, folder } = JSON.parse(line);
  if (op === 'hello') {
    while ((await import('node:fs')).readFileSync(notes, 'utf8').split('\\n').length < 4) await new Promise((r) => setTimeout(r, 20));
    appendFileSync(notes + '.folder', folder);
    console.log(JSON.stringify({ ok: true, engine: 'x', version: '1', device: 'cpu', provider: 'p' }));
  } else if (op === 'load' && does === 'fail') console.log('{"ok": false, "error": "it fails"}');
  else if (op === 'load' && does === 'crash') process.kill(process.pid, 'SIGSEGV');
  else if (op === 'load') { appendFileSync(notes + '.hangs', ''); setInterval(() => undefined, 1000); }
}
if (does === 'stubborn') setInterval(() => undefined, 1000);
`;

const all = process.env.TIPCHECK_TEST_ALL === '1';
const ends: readonly (readonly [does: string, said: RegExp])[] = [
  ['fail', /Cannot run port exec:.* on segnext_mscan_t-infer-59x91-s7: it failed at load: it fails/],
  ['crash', /Cannot run port exec:.* on segnext_mscan_t-infer-59x91-s7: it ended at load with SIGSEGV/],
  ['hang', /Cannot run port exec:.* on segnext_mscan_t-infer-59x91-s7: it hung: no answer to load for 8 s/],
  ['stubborn', /Cannot run port exec:.* on segnext_mscan_t-infer-59x91-s7: it hung: no answer to load for 8 s/],
];
for (const [does, said] of ends) {
  if (does === 'stubborn' && !all) continue;
  t.test(`of a port that is to ${does} no process and no folder is left`, async (t) => {
    const started = await startJudge(t.testdir(), does);
    const { exitCode, stdout } = await started.judge;
    t.equal(exitCode, 3);
    t.match(stdout, said);
    await nothingIsLeft(t, started, 0);
  });
}

for (const name of all ? (['SIGINT', 'SIGTERM', 'SIGHUP'] as const) : (['SIGINT'] as const)) {
  t.test(`a judge that is ended by ${name} leaves no process and no folder, and dies by it`, async (t) => {
    const started = await startJudge(t.testdir(), 'stubborn', 600);
    await waitFor(`${started.notes}.hangs`);
    started.judge.kill(name);
    const { signal } = await started.judge;
    t.equal(signal, name);
    await nothingIsLeft(t, started, 0);
  });
}

t.test('after a SIGKILL of the judge and of what watches it, the next run ends and removes what is left', async (t) => {
  const base = t.testdir();
  const started = await startJudge(base, 'stubborn', 600);
  await waitFor(`${started.notes}.hangs`);
  const pids = await pidsOf(started);
  const worker = readProcess(readProcess(pids[0]!.pid)!.parent)!.parent;
  process.kill(worker, 'SIGKILL');
  started.judge.kill('SIGKILL');
  await started.judge;
  t.ok(pids.some(isRunning), 'something is left to be ended');
  t.equal(readdirSync(started.tmp).length, 1, 'and a folder');
  const bystander = execa(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { reject: false });
  await writeFile(join(started.tmp, readdirSync(started.tmp)[0]!, 'processes'), `${bystander.pid} 1\n`, { flag: 'a' });
  const next = await startJudge(join(base, 'next'), 'fail', 8, started.tmp);
  await next.judge;
  await nothingIsLeft(t, { ...started, pids }, 0);
  t.ok(
    bystander.exitCode === null && bystander.signalCode === null,
    'a number that another process has is not touched',
  );
  bystander.kill('SIGKILL');
  await bystander;
});

t.test('of the folders of runs that are gone only those are removed that nobody else could have made', async (t) => {
  const base = t.testdir();
  const tmp = join(base, 'tmp');
  const names = [0o700, 0o755].map((mode) => [`tipcheck-${placeOfProcesses()}-4194303-${mode}-abcdef`, mode] as const);
  for (const [name, mode] of names) await mkdir(join(tmp, name), { recursive: true, mode });
  await (await startJudge(base, 'fail', 8, tmp)).judge;
  t.same(readdirSync(tmp), [names[1]![0]]);
});

interface Started {
  readonly judge: ReturnType<typeof runJudge>;
  readonly notes: string;
  readonly tmp: string;
  readonly pids?: readonly { readonly pid: number; readonly started: string }[];
}

async function startJudge(folder: string, does: string, timeout = 8, tmp = join(folder, 'tmp')): Promise<Started> {
  await mkdir(tmp, { recursive: true });
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'port.mjs');
  const notes = join(folder, 'notes');
  await writeFile(file, program);
  await writeFile(notes, '');
  return { judge: runJudge(`exec:"${process.execPath}" "${file}" ${does} "${notes}"`, timeout, tmp), notes, tmp };
}

function runJudge(port: string, timeout: number, tmp: string) {
  const args = ['judge', port, 'segnext-t-odd', '--timeout', String(timeout)];
  // Without what tap has Node load: it would answer to signals, too.
  return execa('env', ['-u', 'NODE_OPTIONS', process.execPath, join(packageRoot, 'cli', 'tipcheck.mjs'), ...args], {
    reject: false,
    stdin: 'ignore',
    env: { TIPCHECK_SKIP_ENSURE: '1', TMPDIR: tmp },
  });
}

async function pidsOf({ notes }: Started) {
  const pids = (await readFile(notes, 'utf8')).trim().split('\n').map(Number);
  return pids.flatMap((pid) => readProcess(pid) ?? []);
}

async function nothingIsLeft(t: import('tap').Test, started: Started, folders: number): Promise<void> {
  const noted = (await readFile(started.notes, 'utf8')).trim().split('\n');
  t.equal(noted.length, 3, 'the port and its two children were there');
  const left = started.pids ?? (await pidsOf(started));
  t.same(left.filter(isRunning), []);
  for (const { pid } of left.filter(isRunning)) process.kill(pid, 'SIGKILL');
  t.equal(readdirSync(started.tmp).length, folders, 'no folder is left');
}

async function waitFor(path: string): Promise<void> {
  while (!existsSync(path)) await sleep(20);
}
