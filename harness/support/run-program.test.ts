import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { isRunning, readProcess } from './process-table.js';
import { runProgram } from './run-program.js';

const node = process.execPath;
const idle = 'setInterval(() => undefined, 1000)';

t.test('what a program says and how it ends is told', async (t) => {
  t.match(await runProgram(node, ['-e', 'console.log("out"); console.error("err"); process.exit(7)']), {
    ...{ exitCode: 7, signal: null, code: null, timedOut: false },
    ...{ stdout: 'out', stderr: 'err' },
  });
  t.match(await runProgram(node, ['-e', 'process.kill(process.pid, "SIGSEGV")']), {
    exitCode: null,
    signal: 'SIGSEGV',
  });
  t.match(await runProgram('/no/such/program', []), { exitCode: null, signal: null, code: 'ENOENT' });
});

t.test('a child that holds the streams of a program that has ended is ended, and not waited for', async (t) => {
  const file = join(t.testdir(), 'pid');
  const script = `require('node:fs').writeFileSync(${JSON.stringify(file)}, String(require('node:child_process').spawn(process.execPath, ['-e', '${idle}'], { stdio: 'inherit' }).pid)); console.log('said'); process.exit(0)`;
  const { exitCode, stdout } = await runProgram(node, ['-e', script]);
  t.equal(exitCode, 0);
  t.equal(stdout, 'said');
  const left = readProcess(Number(await readFile(file, 'utf8')));
  t.ok(left === null || !isRunning(left));
});

t.test('a program that takes too long is ended, one that ignores SIGTERM too', async (t) => {
  const end = await runProgram(node, ['-e', `process.on('SIGTERM', () => undefined); ${idle}`], { timeoutMs: 1000 });
  t.match(end, { exitCode: null, signal: 'SIGKILL', timedOut: true });
});
