import { spawnSync } from 'node:child_process';
import t from 'tap';

const own = JSON.stringify(new URL('./end-at-exit.js', import.meta.url));

function run(body: string) {
  const script = `import { endAtExit } from ${own};
    const say = (what) => ({ end: async () => console.log('end ' + what), endNow: () => console.log('now ' + what) });
    const broken = { end: async () => { throw new Error('no end'); }, endNow: () => { throw new Error('no end now'); } };
    ${body}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 20_000 });
}

t.test('an ending that throws leaves none of the others, and is told', async (t) => {
  const { stdout, stderr, status } = run(
    'endAtExit(say("a")); endAtExit(broken); endAtExit(say("b")); process.exitCode = 7;',
  );
  t.equal(stdout, 'now a\nnow b\n');
  t.equal(stderr, 'Cannot end what was started: no end now; it may still be there\n');
  t.equal(status, 7);
});

t.test('an interrupt ends all, those after one that throws, too, and the process dies by it', async (t) => {
  const { stdout, stderr, signal } = run(`
    endAtExit(say("a")); endAtExit(broken); endAtExit(say("b"));
    setInterval(() => undefined, 1000); process.kill(process.pid, "SIGTERM");`);
  t.equal(stdout, 'end a\nend b\nnow a\nnow b\n');
  t.match(stderr, 'Cannot end what was started: no end now; it may still be there\n');
  t.equal(signal, 'SIGTERM');
});
