import t from 'tap';
import { makeCase, makeStep, makeTipcResult } from '../reporters/result-for-tests.js';
import type { StepResult, TipcRun } from '../result/record/tipc-run.js';
import { mergeSteps } from './merge-steps.js';
import { judgeSteps } from './summarise-steps.js';

const kinds = ['train', 'export', 'infer'];
const steps = (port: string, change: (step: StepResult) => Partial<StepResult> = () => ({})): StepResult[] =>
  kinds.map((kind, at) => {
    const step = makeStep({ port, number: at + 1, kind });
    return { ...step, ...change(step) };
  });
const run = (label: string, ran: readonly StepResult[], changes: Partial<TipcRun> = {}) => ({
  label,
  command: ['test'],
  tipc: { ...makeTipcResult(ran).tipc!, ports: ['ort', 'tfjs'], commit: 'abc', ...changes },
});
const asTheFileSays = { ports: null, modes: [] };
const notRun = { verdict: 'not-run', ran: null, engine: null, lack: 'gpu', reason: 'no GPU' } as const;
const onGpu = { engine: { ...makeCase().engine!, device: 'gpu' }, deviceAsked: 'gpu' } as const;

t.test('a job for each port is the whole of a file', (t) => {
  const { tipc, faults } = mergeSteps([run('a', steps('ort')), run('b', steps('tfjs'))], asTheFileSays);
  t.strictSame(faults, []);
  t.strictSame(
    tipc.planned,
    ['ort', 'tfjs'].flatMap((port) => kinds.map((kind, at) => `${port}/${at + 1}-${kind}`)),
  );
  t.equal(judgeSteps(tipc), 'pass');
  t.end();
});

t.test('a port, a mode and a row that no run has are missing; --port says what is planned instead of the file', (t) => {
  const ort = run('a', steps('ort'));
  t.strictSame(mergeSteps([ort], asTheFileSays).faults, [
    'lite_train_lite_infer through tfjs was planned, and is in none of the runs',
  ]);
  t.strictSame(mergeSteps([ort], { ports: ['ort'], modes: [] }).faults, []);
  t.strictSame(mergeSteps([ort], { ports: ['ort'], modes: ['whole_infer'] }).faults, [
    'whole_infer through ort was planned, and is in none of the runs',
  ]);
  const short = run('b', steps('tfjs').slice(0, 2));
  t.match(mergeSteps([ort, short], asTheFileSays).faults, [
    /^tfjs of b has the rows 1-train 2-export; ort of a has 1-train 2-export 3-infer, and one plan/,
  ]);
  t.end();
});

t.test('a row of one device that two runs have is double', (t) => {
  const { faults } = mergeSteps([run('a', steps('ort')), run('b', steps('ort'))], { ports: ['ort'], modes: [] });
  t.equal(faults.length, 3);
  t.equal(faults[0], 'ort/1-train of lite_train_lite_infer ran on the cpu in a and in b; once is wanted');
  t.end();
});

t.test('what did not run in one job and ran in another is of the latter', (t) => {
  const cpu = run(
    'cpu',
    steps('ort', ({ number }) => (number === 3 ? notRun : {})),
    { allowed: ['gpu'] },
  );
  const gpu = run(
    'gpu',
    steps('ort', ({ number }) => (number === 3 ? onGpu : notRun)),
    { allowed: ['gpu'] },
  );
  const { tipc, faults } = mergeSteps([cpu, gpu], { ports: ['ort'], modes: [] });
  t.strictSame(faults, []);
  t.strictSame(
    tipc.steps.map(({ engine }) => engine?.device),
    ['cpu', 'cpu', 'gpu'],
  );
  t.end();
});

t.test('one port on two devices keeps all verdicts, under the names of the jobs', (t) => {
  const gpu = steps('ort', ({ number }) => (number < 3 ? onGpu : { verdict: 'fail', reason: 'x' }));
  const { tipc, faults } = mergeSteps([run('cpu', steps('ort')), run('gpu', gpu)], { ports: ['ort'], modes: [] });
  t.strictSame(faults, []);
  t.match(tipc.planned.join(' '), /^ort@cpu\/1-train .* ort@gpu\/3-infer$/);
  t.equal(judgeSteps(tipc), 'fail');
  t.end();
});

t.test('steps of several modes say which they are of', (t) => {
  const whole = run('b', [makeStep({ kind: 'export' })], { mode: 'whole_infer' });
  const { tipc, faults } = mergeSteps([run('a', steps('ort')), whole], { ports: ['ort'], modes: [] });
  t.strictSame(faults, []);
  t.equal(tipc.mode, 'lite_train_lite_infer, whole_infer');
  t.match(tipc.steps.at(-1), { id: 'whole_infer/ort/1-export', mode: 'whole_infer' });
  t.end();
});

t.test('a reason that one job does not tolerate is not tolerated', (t) => {
  const tfjs = steps('tfjs', ({ number }) => (number === 3 ? notRun : {}));
  const { tipc } = mergeSteps([run('a', steps('ort'), { allowed: ['gpu'] }), run('b', tfjs)], asTheFileSays);
  t.strictSame(tipc.allowed, []);
  t.equal(judgeSteps(tipc), 'not-run');
  t.end();
});

t.test('runs of another file or commit are refused', (t) => {
  const ort = run('a', steps('ort'));
  t.throws(() => mergeSteps([ort, run('b', steps('tfjs'), { fileSha256: 'd'.repeat(64) })], asTheFileSays), {
    message:
      /^Cannot merge a and b: they ran different text files \(segnext\/train_infer_python\.txt, sha256 cccc.+one is/,
  });
  t.throws(() => mergeSteps([ort, run('b', steps('tfjs'), { commit: 'def' })], asTheFileSays), {
    message: 'Cannot merge a and b: they ran different commits (abc; def); one is wanted',
  });
  t.end();
});

t.test(
  'a port that a merge called otherwise is the one that is planned, and one whose own name has an @ is not another',
  (t) => {
    const merged = { ...run('m', steps('ort@cpu')), command: ['merge', 'cpu', 'gpu'] };
    t.strictSame(mergeSteps([merged], { ports: ['ort'], modes: [] }).faults, []);
    t.match(mergeSteps([run('a', steps('./p@2.mjs'))], { ports: ['./p'], modes: [] }).faults, [
      /through \.\/p was planned/,
    ]);
    t.end();
  },
);

t.test('a port whose own name has an @ is in the runs that ran it', (t) => {
  const port = './node_modules/@acme/port.mjs';
  const { faults } = mergeSteps([run('a', steps(port), { ports: [port] })], asTheFileSays);
  t.strictSame(faults, []);
  t.end();
});
