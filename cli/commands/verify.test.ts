import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { makeCase, makeResult, makeStep, makeTipcResult } from '../../harness/reporters/result-for-tests.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import type { Result } from '../../harness/result/record/result.js';
import { packageVersion } from '../../harness/support/package-root.js';
import { endRunner } from '../run-command-for-tests.js';
import { register } from './verify.js';

const run = endRunner(register, 'verify');
const text = readFileSync(join(resolveBundleFolder('segnext-t'), 'case.json'), 'utf8');
const { id }: { id: string } = JSON.parse(text);
const goldens = { madeBy: 'paddlepaddle 3.3.1', caseSha256: createHash('sha256').update(text).digest('hex') };
const whole = makeResult([makeCase({ bundle: id, goldens })], { tipcheckVersion: packageVersion });

t.test('a run as it was written is what it says', async (t) => {
  const { output, code } = await verify(t, whole);
  t.equal(
    output,
    'not checked: the figures: nothing but result.json holds them, so that only judging again can tell whether they are right\nrun 20261122-142530-4711 (pass, 1 case) is what it says\n',
  );
  t.equal(code, 0);
});

t.test('a report that was changed or taken away is named', async (t) => {
  const { output, code } = await verify(t, whole, (folder) => {
    rmSync(join(folder, 'report.md'));
    const junit = join(folder, 'junit.xml');
    writeFileSync(junit, readFileSync(junit, 'utf8').replace('segnext', 'other'));
  });
  t.match(output, '✕ junit.xml is not what result.json gives\n');
  t.match(output, '✕ report.md is missing; the run wrote one\n');
  t.match(output, '(pass, 1 case) has 2 faults\n');
  t.equal(code, 1);
});

t.test('a verdict that was changed by hand is found', async (t) => {
  const failed = makeResult([makeCase({ bundle: id, goldens, verdict: 'fail' })], { tipcheckVersion: packageVersion });
  const { output } = await verify(t, { ...failed, verdict: 'pass' });
  t.match(output, '✕ the verdict is pass; of its cases it is fail\n');
});

t.test('a golden that is another now is named; one of elsewhere is not checked', async (t) => {
  const [found] = whole.cases;
  const { output } = await verify(t, {
    ...whole,
    cases: [{ ...found!, goldens: { ...goldens, caseSha256: 'a'.repeat(64) } }],
  });
  t.match(
    output,
    `✕ the golden ${id} had the hash ${'a'.repeat(64)}; that of this package has ${goldens.caseSha256}\n`,
  );
  const elsewhere = await verify(t, makeResult([makeCase({ bundle: 'mine' })], { tipcheckVersion: packageVersion }));
  t.match(elsewhere.output, 'not checked: the golden mine is not of this package\n');
  t.equal(elsewhere.code, 0);
});

t.test('a case that the suite plans and the run has not was dropped', async (t) => {
  const { output, code } = await verify(t, { ...whole, suite: 'segnext/lite-infer' });
  t.match(output, '✕ tfjs on the bundle segnext-t is missing; suite segnext/lite-infer plans it\n');
  t.notMatch(output, 'ort on the bundle segnext-t is missing');
  t.match(output, 'ort on the bundle segnext-t-odd is missing');
  t.equal(code, 1);
  const { output: unknown } = await verify(t, { ...whole, suite: 'segnext/none' });
  t.match(unknown, '✕ it ran the suite segnext/none; there is none of this name\n');
});

t.test('reports of another version are looked for, and not compared', async (t) => {
  const { output, code } = await verify(t, { ...whole, tipcheckVersion: '0.0.1' }, (folder) =>
    writeFileSync(join(folder, 'report.html'), 'older'),
  );
  t.match(output, 'not checked: what the reports say, for tipcheck 0.0.1 wrote them\n');
  t.equal(code, 0);
});

t.test('of a TIPC mode every row that was planned is there, by the plan that was written first', async (t) => {
  const two = makeTipcResult([makeStep(), makeStep({ number: 2, kind: 'export' })]);
  const writePlan =
    (planned: readonly string[], changes = {}) =>
    (folder: string) =>
      writeFileSync(join(folder, 'plan.json'), JSON.stringify({ ...two.tipc, planned, ...changes }));
  const plan = ['ort/1-train', 'ort/2-export'];
  const whole = await verify(t, two, writePlan(plan));
  t.match(whole.output, '(pass, 2 steps) is what it says\n');
  t.match(whole.output, 'not checked: 1 of 1 files that the steps made are not there as they were');
  t.equal(whole.code, 0);
  t.match((await verify(t, two)).output, '✕ plan.json is missing; the run wrote one before its first step\n');
  t.match(
    (await verify(t, two, writePlan([...plan, 'ort/3-infer']))).output,
    '✕ plan.json plans other steps than result.json\n',
  );
  for (const [text, fault] of [
    ['{', 'is not a plan'],
    ['null', 'is not a plan'],
    ['[]', 'plans other steps than result.json'],
    ['{"planned": 7}', 'plans other steps than result.json'],
  ] as const) {
    const odd = await verify(t, two, (folder) => writeFileSync(join(folder, 'plan.json'), text));
    t.match(odd.output, `✕ plan.json ${fault}\n`, text);
  }
  const strict = await verify(t, two, writePlan(plan, { allowed: ['gpu'], required: ['memory'], deviations: [] }));
  t.match(strict.output, '✕ plan.json says of allowed ["gpu"]; result.json says []\n');
  t.match(strict.output, '✕ plan.json says of required ["memory"]; result.json says []\n');
  t.match(strict.output, '✕ plan.json says of deviations []; result.json says ["2 iterations run, of 20"]\n');
  const dropped = { ...two, tipc: { ...two.tipc!, steps: two.tipc!.steps.slice(1) } };
  const { output, code } = await verify(t, dropped, writePlan(plan));
  t.match(output, '✕ ort/1-train was planned and is missing\n');
  t.equal(code, 1);
  const unchecked = makeTipcResult([makeStep({ checks: [] })]);
  t.match(
    (await verify(t, unchecked, writePlan(['ort/1-train']))).output,
    '✕ ort/1-train: it passes, and nothing was checked\n',
  );
});

t.test('a file that a step made and that is another now is a fault; one that is away is not checked', async (t) => {
  const sha256 = createHash('sha256').update('weights').digest('hex');
  const artefacts = [{ path: 'out/best_model/model.pdparams', bytes: 7, sha256 }];
  const made = makeTipcResult([makeStep({ artefacts })]);
  const run = { ...made, tipc: { ...made.tipc!, startFolder: '.' } };
  const place = (text: string) => (folder: string) => {
    writeFileSync(join(folder, 'plan.json'), JSON.stringify(run.tipc));
    mkdirSync(join(folder, 'out/best_model'), { recursive: true });
    writeFileSync(join(folder, 'out/best_model/model.pdparams'), text);
  };
  t.match(await verify(t, run, place('weights')), { output: /^run .+ is what it says\n$/m, code: 0 });
  const changed = await verify(t, run, place('others'));
  t.match(
    changed.output,
    /✕ out\/best_model\/model\.pdparams has the hash [0-9a-f]{64}; the step that made it recorded /,
  );
  t.equal(changed.code, 1);
  const away = await verify(t, run, (folder) => {
    place('weights')(folder);
    rmSync(join(folder, 'out'), { recursive: true });
  });
  t.match(away.output, /^not checked: 1 of 1 files that the steps made are not in /m);
  t.equal(away.code, 0);
  const aside = await verify(t, run, (folder) => {
    place('weights')(folder);
    renameSync(join(folder, 'out'), join(folder, 'out.before-20270101-000000-1'));
    place('of a newer run')(folder);
  });
  t.match(aside, { output: /^run .+ is what it says\n$/m, code: 0 }, 'a newer run moved it');
});

t.test('what is not a run is a sentence', async (t) => {
  await t.rejects(run(t, ['nowhere']), {
    name: 'UserError',
    message: "Cannot read the run nowhere: there is no such run; a run's folder or a result.json is wanted",
  });
});

async function verify(t: Test, result: Result, change: (folder: string) => void = () => undefined) {
  const folder = t.testdir({});
  await writeReport(folder, result);
  change(folder);
  return run(t, [folder]);
}
