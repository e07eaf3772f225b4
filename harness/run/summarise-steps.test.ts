import t from 'tap';
import type { Result } from '../result/record/result.js';
import type { StepResult, TipcRun } from '../result/record/tipc-run.js';
import { findContradictions } from './find-contradictions.js';
import { exitCodeOfSteps, judgeSteps, summariseSteps } from './summarise-steps.js';

const engine = {
  engine: 'e',
  version: '1',
  device: 'cpu',
  provider: 'p',
  tf32: 'not applicable',
  details: {},
} as const;

function makeStep(number: number, changes: Partial<StepResult> = {}): StepResult {
  return {
    ...{ id: `ort/${number}-train`, port: 'ort', number, kind: 'train', command: 'python tools/train.py' },
    ...{ ran: 'npx tipcheck train', row: {}, verdict: 'pass', reason: null, lack: null, deviceAsked: 'cpu', engine },
    ...{ deviations: [], observed: [], notes: [], figures: {}, log: null, durationMs: 1, estimate: null },
    record: 'out/judged.json',
    checks: [{ name: 'files', verdict: 'pass', found: 'one', because: null, kind: null, figures: [] }],
    artefacts: [{ path: 'a', bytes: 1, sha256: '0'.repeat(64) }],
    ...changes,
  };
}

const unrun = (number: number, lack: string | null) =>
  makeStep(number, {
    ...{ verdict: 'not-run', reason: 'there is none', lack, ran: null, engine: null, checks: [], artefacts: [] },
  });

function makeRun(steps: readonly StepResult[], changes: Partial<TipcRun> = {}): TipcRun {
  return {
    ...{
      file: 'f',
      fileSha256: '',
      model: 'm',
      mode: 'lite_train_lite_infer',
      deviations: [],
      allowed: [],
      required: [],
      ...{ ports: [], startFolder: '.', commit: null, params: null, files: [] },
      inputs: {
        configs: [],
        data: [],
        weights: [],
        manifest: { path: 'inputs.sha256', bytes: 1, sha256: '0'.repeat(64) },
      },
    },
    planned: steps.map(({ id }) => id),
    steps,
    ...changes,
  };
}

t.test('a run passes where every step does, and never without one', async (t) => {
  t.equal(judgeSteps(makeRun([makeStep(1), makeStep(2)])), 'pass');
  t.equal(judgeSteps(makeRun([])), 'fail');
  t.equal(judgeSteps(makeRun([makeStep(1)], { planned: ['ort/1-train', 'ort/2-train'] })), 'fail', 'a dropped step');
  t.equal(judgeSteps(makeRun([makeStep(1), makeStep(2, { verdict: 'fail', reason: 'x' })])), 'fail');
});

t.test('--allow-not-run tolerates exactly its reason, beside steps that ran', async (t) => {
  const steps = [makeStep(1), unrun(2, 'gpu')];
  t.equal(judgeSteps(makeRun(steps)), 'not-run');
  t.equal(judgeSteps(makeRun(steps, { allowed: ['gpu'] })), 'pass');
  t.equal(judgeSteps(makeRun(steps, { allowed: ['tensorrt'] })), 'not-run');
  t.equal(judgeSteps(makeRun([unrun(1, 'gpu')], { allowed: ['gpu'] })), 'not-run', 'never all of them');
  const other = { ...unrun(1, 'memory'), id: 'tfjs/1-train', port: 'tfjs' };
  const idle = makeRun([makeStep(1), other], { allowed: ['memory'] });
  t.equal(judgeSteps(idle), 'not-run', 'nor all of a port');
  t.match(summariseSteps(idle), /tolerates beside steps that ran alone: none of tfjs did\.$/);
  t.equal(judgeSteps(makeRun([makeStep(1), unrun(2, null)], { allowed: ['gpu'] })), 'not-run', 'another reason');
  t.equal(judgeSteps(makeRun(steps, { required: ['gpu'] })), 'fail');
});

t.test('the summary says what did not run and what to do', async (t) => {
  const text = summariseSteps(makeRun([makeStep(1), unrun(2, 'gpu')]));
  t.equal(
    text,
    '1 of 2 steps pass; 1 did not run, first ort/2-train: there is none. Fix: --device cpu runs the rows of the GPU on the processor; --allow-not-run gpu tolerates this reason',
  );
});

t.test('a stored result that contradicts its steps is found out', async (t) => {
  const result = (tipc: TipcRun, verdict: Result['verdict'] = 'pass') =>
    ({ verdict, cases: [], tipc }) as unknown as Result;
  const honest = makeRun([makeStep(1)]);
  t.strictSame(findContradictions(result(honest)), []);
  const dropped = makeRun([makeStep(1)], { planned: ['ort/1-train', 'ort/2-export'] });
  t.match(findContradictions(result(dropped)), [
    /^the verdict is pass; of its steps it is fail$/,
    /^ort\/2-export was planned and is missing$/,
  ]);
  const spoilt: readonly (readonly [Partial<StepResult>, RegExp])[] = [
    [{ checks: [] }, /nothing was checked/],
    [
      { checks: [{ name: 'loss', verdict: 'fail', found: '', because: null, kind: null, figures: [] }] },
      /its check loss does not/,
    ],
    [{ artefacts: [] }, /made no file/],
    [{ ran: null }, /nothing ran/],
    [{ engine: null }, /which engine ran/],
    [{ deviceAsked: 'gpu' }, /passes on the cpu; the gpu was asked for/],
    [{ blame: 'user' }, /it is pass, and blames the user's input for an error/],
    [{ deviations: ['smaller'] }, /the run does not say of a step: smaller/],
  ];
  for (const [changes, message] of spoilt)
    t.match(findContradictions(result(makeRun([makeStep(1, changes)]))).join('\n'), message);
});

t.test(
  "a step that the user's own input ends makes the run 2; what could not run goes before it, and it before a disagreement",
  async (t) => {
    const ofUser = makeStep(1, { verdict: 'error', reason: 'it ended with exit code 2', blame: 'user' });
    const crashed = makeStep(2, { verdict: 'error', reason: 'it crashed' });
    const wrong = makeStep(2, { verdict: 'fail', reason: 'it differs' });
    const blocked = unrun(2, null);
    const cases: readonly (readonly [readonly StepResult[], number, Partial<TipcRun>?])[] = [
      [[makeStep(1)], 0],
      [[ofUser], 2],
      [[ofUser, blocked], 2],
      [[ofUser, wrong], 2],
      [[ofUser, crashed], 3],
      [[ofUser, unrun(2, 'gpu')], 3],
      [[ofUser, unrun(2, 'gpu')], 2, { allowed: ['gpu'] }],
      [[wrong], 1],
      [[unrun(1, 'gpu')], 3],
    ];
    for (const [steps, code, changes] of cases) t.equal(exitCodeOfSteps(makeRun(steps, changes)), code);
  },
);
