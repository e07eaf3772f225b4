import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { writeReport } from '../../harness/reporters/write-report.js';
import type { StepResult, TipcRun } from '../../harness/result/record/tipc-run.js';
import { readRun } from '../../harness/run/read-run.js';
import { enterFolder, storeOldRun, storeRun, verify, verifyChanged } from './stored-run-for-tests.js';

t.setTimeout(300_000);

t.test('a run is what it says, from any folder, with nothing left unchecked', async (t) => {
  const folder = join(enterFolder(t), await storeRun());
  const whole = { faults: [], dropped: [], otherGoldens: [], unchecked: [], away: 0 };
  t.strictSame(await verify(folder), whole);
  process.chdir('/');
  t.strictSame(await verify(folder), whole);
});

t.test('every file of a run, and every file that it read, is held by its hash', async (t) => {
  const output = 'test_tipc/output/toy/lite_train_lite_infer';
  for (const [path, sentence] of [
    ['reports/now/ort/1-train.json', 'the run recorded'],
    ['reports/now/ort/2-eval.json', 'the run recorded'],
    ['reports/now/ort/3-export-judged.json', 'the run recorded'],
    ['reports/now/plan.json', 'the run recorded'],
    ['reports/now/inputs.sha256', 'the run recorded'],
    [`${output}/results_python.log`, 'the run recorded'],
    [`${output}/made-by-3`, 'the step that made it recorded'],
    ['own.txt', 'the run planned by'],
    ['own.yml', 'the run read one with'],
    ['base.yml', 'the run read one with'],
    ['data/val.list', 'the run read one with'],
    ['data/infer.list', 'the run read one with'],
    ['data/a', 'the run read one with'],
    ['data/d', 'the run read one with'],
  ] as const) {
    enterFolder(t);
    const folder = await storeRun();
    appendFileSync(path, ' ');
    const { faults } = await verify(folder);
    t.ok(
      faults.some((fault) => fault.startsWith(`${path} has the hash `) && fault.includes(`; ${sentence} `)),
      `${path}: ${faults.join('\n')}`,
    );
  }
  enterFolder(t);
  const folder = await storeRun();
  const log = readdirSync(output).find((name) => name.endsWith('_eval.log'))!;
  appendFileSync(join(output, log), 'mIoU 1');
  t.match((await verify(folder)).faults, [/_eval\.log has the hash .*; the run recorded /]);
});

t.test('what is taken away from the run is a fault; what is away elsewhere is not checked, and counted', async (t) => {
  enterFolder(t);
  const folder = await storeRun();
  rmSync('data/a');
  rmSync('own.txt');
  const away = await verify(folder);
  t.strictSame(away.faults, []);
  t.equal(away.away, 2);
  t.match(away.unchecked, [
    'the text file own.txt, which is not there',
    /^1 of 9 files that it read are not in .* \(.+, …\)$/,
  ]);
  for (const path of ['ort/1-train.json', 'ort/4-infer-judged.json', 'inputs.sha256']) {
    enterFolder(t);
    const whole = await storeRun();
    rmSync(join(whole, path));
    t.match((await verify(whole)).faults, [`${join(whole, path)} is missing; the run wrote one`]);
  }
});

t.test('a run whose folder was moved is held by the files that lie in it now', async (t) => {
  for (const place of ['runs/x', 'x', 'a/b/c/x']) {
    enterFolder(t);
    const from = await storeRun();
    mkdirSync(dirname(place), { recursive: true });
    renameSync(from, place);
    t.strictSame((await verify(place)).faults, [], place);
    const { result } = await readRun(place);
    const steps = result.tipc!.steps.map((step) =>
      step.kind === 'eval' ? { ...step, figures: { ...step.figures, mIoU: 0.95 } } : step,
    );
    await writeReport(place, { ...result, tipc: { ...result.tipc!, steps } });
    const { faults } = await verify(place);
    t.match(
      faults,
      [/^ort\/2-eval: mIoU is 0\.95 .*2-eval-judged\.json says 0\.25$/, /2-eval\.json has 0\.25$/],
      place,
    );
    rmSync(join(place, 'ort/1-train.json'));
    t.ok((await verify(place)).faults.includes('reports/now/ort/1-train.json is missing; the run wrote one'), place);
  }
});

t.test("what TIPC's own log says is held where a newer run moved it", async (t) => {
  enterFolder(t);
  const folder = await storeRun();
  const output = 'test_tipc/output/toy/lite_train_lite_infer';
  const aside = `${output}.before-20270101-000000-1`;
  renameSync(output, aside);
  mkdirSync(output);
  writeFileSync(join(output, 'results_python.log'), 'of a newer run');
  const moved = await verify(folder);
  t.strictSame(moved.faults, []);
  t.equal(moved.away, 0);
  appendFileSync(join(aside, 'results_python.log'), 'Run successfully');
  t.match((await verify(folder)).faults, [/results_python\.log has the hash .*; the run recorded /]);
});

t.test('a record of a step that is away is a fault, though no hash of it is kept', async (t) => {
  for (const [name, path] of [
    ['2-eval-judged.json', 'reports/now/ort/2-eval-judged.json'],
    ['2-eval.json', 'reports/now/ort/2-eval.json'],
  ] as const) {
    enterFolder(t);
    const folder = await storeRun();
    const { result } = await readRun(folder);
    const files = result.tipc!.files!.filter((file) => file.path !== path);
    await writeReport(folder, { ...result, tipc: { ...result.tipc!, files } });
    rmSync(join(folder, 'ort', name));
    t.strictSame((await verify(folder)).faults, [`${path} is missing; the run wrote one`]);
  }
});

t.test('a run that names what is not a file keeps the faults that it has, and is waited for no longer', async (t) => {
  const first = (change: Partial<StepResult>) => (tipc: TipcRun) => ({
    ...tipc,
    steps: tipc.steps.map((step, at) => (at === 0 ? { ...step, ...change } : step)),
  });
  const made = (path: string) => first({ artefacts: [{ path, bytes: 1, sha256: 'a'.repeat(64) }] });
  const config = (path: string) => (tipc: TipcRun) => {
    const configs = tipc.inputs!.configs.map((one) => ({ ...one, used: { ...one.used, path } }));
    return { ...tipc, inputs: { ...tipc.inputs!, configs } };
  };
  const long = 'x'.repeat(5000);
  for (const [name, change] of [
    ['a long record', first({ record: long })],
    ['a folder for a record', first({ record: '.' })],
    ['a device for a record', first({ record: '/dev/null' })],
    ['a long artefact', made(long)],
    ['an artefact in a long folder', made(`${long}/y/z`)],
    ['an artefact of a loop', made('loop/y/z')],
    ['an artefact that cannot be read', made('/proc/self/mem')],
    ['a long text file', (tipc: TipcRun) => ({ ...tipc, file: long })],
    ['a folder for a text file', (tipc: TipcRun) => ({ ...tipc, file: 'data' })],
    ['a device for a text file', (tipc: TipcRun) => ({ ...tipc, file: '/dev/zero' })],
    ['a device for a yml', config('/dev/zero')],
    ['a file for a start', (tipc: TipcRun) => ({ ...tipc, startFolder: '../../own.txt' })],
    ['a long start', (tipc: TipcRun) => ({ ...tipc, startFolder: long })],
  ] as const) {
    const { faults } = await verifyChanged(t, (tipc) => {
      symlinkSync('loop', 'loop');
      return { ...change(tipc), model: 'toy_l' };
    });
    t.ok(faults.includes('plan.json says of model "toy"; result.json says "toy_l"'), `${name}: ${faults.join('\n')}`);
  }
});

t.test('a file that is too large to be read is a fault', async (t) => {
  enterFolder(t);
  const folder = await storeRun();
  truncateSync(join(folder, 'ort/2-eval.json'), 2 ** 28 + 1);
  t.match((await verify(folder)).faults, [
    /^Cannot read the file .*2-eval\.json: it has 268435457 bytes; at most 268435456 bytes are wanted/,
  ]);
});

t.test('a plan without steps, or without one of them, is not a plan of this version', async (t) => {
  for (const [steps, sentences] of [
    ['none', ['plan.json has no list of steps']],
    [[{ id: 'ort/1-train' }], [2, 3, 4].map((at) => new RegExp(`^ort/${at}-.*: plan\\.json does not have this step$`))],
  ] as const) {
    enterFolder(t);
    const folder = await storeRun();
    const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
    writeFileSync(join(folder, 'plan.json'), JSON.stringify({ ...plan, steps }));
    const { faults } = await verify(folder);
    t.match(faults.slice(0, sentences.length), sentences);
    t.match(faults.at(-1), /^reports\/now\/plan\.json has the hash /);
  }
});

t.test('a record of infer without figures gives none', async (t) => {
  for (const text of ['{}', '{"figures": null}', '{"figures": 1}']) {
    enterFolder(t);
    const folder = await storeRun();
    const path = 'reports/now/ort/4-infer.json';
    const { result } = await readRun(folder);
    const files = result.tipc!.files!.filter((file) => file.path !== path);
    await writeReport(folder, { ...result, tipc: { ...result.tipc!, files } });
    writeFileSync(path, text);
    t.strictSame((await verify(folder)).faults, [`${path} gives no figures`]);
  }
});

t.test('a check whose reason alone is another is a fault', async (t) => {
  enterFolder(t);
  const figure = { name: 'rms', value: 1, unit: '× noise', limit: 2, because: 'it is so' } as const;
  const folder = await storeRun({
    step: (step) => ({ ...step, checks: step.checks.map((one) => ({ ...one, figures: [figure] })) }),
  });
  const sound = (await verify(folder)).faults;
  const path = join(folder, 'result.json');
  const { result } = await readRun(folder);
  await writeReport(folder, JSON.parse(readFileSync(path, 'utf8').replaceAll('it is so', 'it is well')));
  t.strictSame(
    (await verify(folder)).faults.filter((fault) => !sound.includes(fault)),
    result.tipc!.steps.map(({ id, record }) => `${id}: its checks in result.json are not those of ${record}`),
  );
});

t.test('no figure, check or word of a step can be changed in result.json alone', async (t) => {
  for (const [change, ...sentences] of [
    [
      (step: StepResult) => ({ ...step, figures: { ...step.figures, mIoU: 0.95 } }),
      /^ort\/2-eval: mIoU is 0\.95 in result\.json; .*2-eval-judged\.json says 0\.25$/,
      /^ort\/2-eval: mIoU is 0\.95 .*2-eval\.json has 0\.25$/,
    ],
    [
      (step: StepResult) => ({ ...step, checks: [{ ...step.checks[0]!, found: 'mIoU 0.95' }] }),
      /^ort\/2-eval: its check loss is pass, mIoU 0\.95 in result\.json; .* says pass, it falls from 2\.9 to 2\.5$/,
    ],
    [
      (step: StepResult) => ({ ...step, notes: ['all is well'] }),
      /^ort\/2-eval: result\.json says notes: \["all is well"\]; .* says \[\]$/,
    ],
    [
      (step: StepResult) => ({ ...step, command: 'true' }),
      /plan\.json says of its command/,
      /its command is not the one that own\.txt gives/,
      /result\.json says command: "true"/,
    ],
    [(step: StepResult) => ({ ...step, row: {} }), /plan\.json says of its row/, /result\.json says row: \{\}/],
    [
      (step: StepResult) => ({ ...step, record: null }),
      /^ort\/2-eval: result\.json does not name its -judged\.json$/,
      /^ort\/2-eval: result\.json does not name its -judged\.json; this version writes one$/,
    ],
  ] as const) {
    const { faults } = await verifyChanged(t, (tipc) => ({
      ...tipc,
      steps: tipc.steps.map((step) => (step.kind === 'eval' ? change(step) : step)),
    }));
    t.equal(faults.length, sentences.length, faults.join('\n'));
    for (const sentence of sentences)
      t.ok(
        faults.some((fault) => sentence.test(fault)),
        faults.join('\n'),
      );
  }
});

t.test(
  'a run of a version that recorded none of this is verified as far as it goes, and says what it does not hold',
  async (t) => {
    enterFolder(t);
    const { folder, result } = await storeOldRun();
    const old = result.tipc!;
    const steps = old.steps.map(({ id }) => id);
    t.strictSame((await verify(folder)).faults, [
      'it does not say what it read, though inputs.sha256 lies in its folder',
      'result.json lists no hashes of the files that the run left; this version writes them',
      ...steps.map((id) => `${id}: result.json does not name its -judged.json; this version writes one`),
    ]);
    rmSync(join(folder, 'inputs.sha256'));
    t.match(
      (await verify(folder)).faults[0],
      /^it does not say what it read, though ort\/1-train-judged\.json lies in/,
    );
    for (const name of readdirSync(join(folder, 'ort')))
      if (name.endsWith('-judged.json')) rmSync(join(folder, 'ort', name));
    const { faults, unchecked } = await verify(folder);
    t.strictSame(faults, []);
    t.strictSame(unchecked, [
      'what it stands on (ymls, lists, pictures, labels), for the run is of a version that did not record it',
      'what its steps said of themselves, for the run is of a version that kept no file of it',
      'logs and what its steps wrote, for the run is of a version that did not hash them',
      'what the reports say, for tipcheck 0.1.0 wrote them',
    ]);
    const raised = {
      ...old,
      steps: old.steps.map((step) =>
        step.kind === 'eval' ? { ...step, figures: { ...step.figures, mIoU: 0.95 } } : step,
      ),
    };
    await writeReport(folder, { ...result, tipc: raised });
    t.match(
      (await verify(folder)).faults,
      [/^ort\/2-eval: mIoU is 0\.95 in result\.json; .*ort\/2-eval\.json has 0\.25$/],
      'its step has the figure all the same',
    );
  },
);

t.test("of a run of PaddleSeg's the log gives the figures", async (t) => {
  enterFolder(t);
  const log = 'eval.log';
  writeFileSync(
    log,
    '2026 [INFO] Start evaluating (total_samples: 1, total_iters: 1)...\n2026 [INFO] [EVAL] #Images: 1 mIoU: 0.2500 Acc: 0.5000 Kappa: 0.1 Dice: 0.2\n',
  );
  const figures = { mIoU: 0.25, Acc: 0.5, images: 1 };
  const store = (runId: string) =>
    storeRun({
      runId,
      port: 'paddleseg',
      step: (step) => (step.kind === 'eval' ? { ...step, log, figures } : { ...step, figures: {} }),
    });
  const folder = await store('one');
  t.strictSame((await verify(folder)).faults, []);
  writeFileSync(log, readFileSync(log, 'utf8').replace('0.2500', '0.9500'));
  t.match((await verify(folder)).faults, [/^eval\.log has the hash .*; the run recorded /]);
  const other = await store('two');
  t.strictSame((await verify(other)).faults, ['paddleseg/2-eval: mIoU is 0.25 in result.json; eval.log has 0.95']);
});

t.test("of two runs of PaddleSeg's each has the figures of its own log", async (t) => {
  enterFolder(t);
  const log = 'out/eval.log';
  const text = (mIoU: string) =>
    `2026 [INFO] Start evaluating (total_samples: 1, total_iters: 1)...\n2026 [INFO] [EVAL] #Images: 1 mIoU: ${mIoU} Acc: 0.5000 Kappa: 0.1 Dice: 0.2\n`;
  mkdirSync('out');
  writeFileSync(log, text('0.2500'));
  const folder = await storeRun({
    port: 'paddleseg',
    step: (step) =>
      step.kind === 'eval'
        ? { ...step, log, figures: { mIoU: 0.25, Acc: 0.5, images: 1 } }
        : { ...step, figures: {}, log: null },
  });
  renameSync('out', 'out.before-20270101-000000-1');
  mkdirSync('out');
  writeFileSync(log, text('0.9500'));
  t.match(await verify(folder), { faults: { length: 0 }, away: 0 });
  rmSync('out.before-20270101-000000-1', { recursive: true });
  rmSync('out', { recursive: true });
  t.match(await verify(folder), {
    faults: { length: 0 },
    unchecked: [
      /files that it left are not in/,
      'figures of paddleseg/2-eval: the files that give them cannot be read',
    ],
  });
});
