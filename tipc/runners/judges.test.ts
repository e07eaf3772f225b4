import { copyFile, mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'fast-png';
import t from 'tap';
import { type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import { renderNpy } from '../../harness/golden/npy.js';
import { renderPdparams } from '../../harness/golden/render-pdparams.js';
import { isBuffer } from '../../harness/golden/seeded.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { classColours } from '../../pipeline/image/class-colours.js';
import { renderPseudoColour } from '../../pipeline/predict/render-prediction.js';
import type { TrainRecord } from '../../pipeline/tools/records.js';
import { initialWeights } from '../../pipeline/train/initial-weights.js';
import { hashParameters } from '../../pipeline/weights/hash-parameters.js';
import { readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import { tipcheck, writeSmallConfig } from '../../test/tools-for-tests.js';
import { readArtefacts } from '../steps/artefacts.js';
import { checkLearnt, checkUnknownWeights, checkWeights } from '../steps/check-training.js';
import { compareLogits } from '../steps/compare-logits.js';
import { openMaskLook } from '../steps/describe-masks.js';
import type { Judgement } from '../steps/judgement.js';
import type { Translation } from '../steps/translation.js';
import { readRequest } from '../text/request.js';
import { judgePaddleSeg } from './paddleseg/judge-paddleseg.js';
import { openGraphRuns } from './tipcheck/graph-runs.js';
import { judgeExport } from './tipcheck/judge-export.js';
import { judgeInference } from './tipcheck/judge-infer.js';
import { judgeTraining } from './tipcheck/judge-train.js';
import { judgeEvaluationStep } from './tipcheck/judge-val.js';
import { scriptOf } from './tipcheck/scripts.js';

t.setTimeout(300_000);

const folder = t.testdir({});
const config = await writeSmallConfig(folder, (yml) =>
  yml.replace(/(val_dataset:[\s\S]*?transforms:\n)/, '$1    - type: Resize\n      target_size: [64, 48]\n'),
);
const { model } = (await readPaddleSegConfig(config)).values as { readonly model: Readonly<Record<string, unknown>> };
const first = renderPdparams(await initialWeights(model, 1));
const second = renderPdparams(await initialWeights(model, 2));
const weights = join(folder, 'run', 'iter_2', 'model.pdparams');
const [third, ...pictures] = ['2', '0', '1'].map((number) =>
  join(packageRoot, `fixtures/street/leftImg8bit/val/street/street_00000${number}_000019_leftImg8bit.png`),
);
const exported = join(folder, 'exported');
const records = join(folder, 'records');
for (const path of [join(folder, 'run', 'iter_2'), exported, records]) await mkdir(path, { recursive: true });
await writeFile(weights, first);
await writeFile(join(folder, 'two.list'), pictures.map((path) => `${path}\n`).join(''));

const failing = ({ checks }: Judgement) => checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);

/** What judges read of a step. */
function translation(args: readonly string[], record = '', evaluated: number | null = 8): Translation {
  const step = { kind: 'train', number: 1, row: { ranks: 1 }, checkpoint: null };
  const data = { deviations: [], evaluated };
  return {
    request: readRequest('', args.slice(1)),
    record,
    device: 'cpu',
    port: 'ort',
    folder: join(folder, 'run'),
    step,
    data,
  } as unknown as Translation;
}

t.test('a file that is absent, empty, or older than its step does not count', async (t) => {
  const [old, empty, fresh] = ['old', 'empty', 'fresh'].map((name) => join(folder, name)) as [string, string, string];
  await writeFile(old, 'x');
  await writeFile(empty, '');
  await writeFile(fresh, 'x');
  const now = Date.now();
  await utimes(old, new Date(now - 60_000), new Date(now - 60_000));
  const verdict = async (paths: readonly string[]) => (await readArtefacts(paths, now - 10_000)).check;
  t.match(await verdict([fresh]), { verdict: 'pass' });
  t.match(await verdict([fresh, old]), { verdict: 'fail', found: /before this step began/ });
  t.match(await verdict([empty]), { verdict: 'fail', found: /is empty/ });
  t.match(await verdict([join(folder, 'none')]), { verdict: 'fail', found: /is not there/ });
  t.match(await verdict([]), { verdict: 'fail', found: /proves nothing/ });
  t.match(await verdict([join(fresh, 'inside')]), { verdict: 'fail', found: /is not there/ });
});

t.test('a file that the system cannot look at is not called absent', async (t) => {
  const round = join(folder, 'round');
  await symlink(round, round);
  await t.rejects(readArtefacts([round], 0), { code: 'ELOOP' });
});

t.test('a defect of the judge is not called a fault of the weights', async (t) => {
  await t.rejects(checkLearnt(weights, null as never), { name: 'TypeError' });
  t.match(await checkLearnt(join(folder, 'none'), {}), { verdict: 'fail' });
});

t.test('a step that nothing judges is a sentence', async (t) => {
  const step = { kind: 'serve', script: 'web_service.py', logPath: null } as unknown as Translation['step'];
  const ended = { output: '', startedAtMs: 0, peakMb: null } as unknown as Parameters<typeof judgePaddleSeg>[1];
  const paddleSeg = { versions: {}, hardware: {}, tf32: false } as unknown as Parameters<typeof judgePaddleSeg>[2];
  await t.rejects(judgePaddleSeg({ ...translation([]), step }, ended, paddleSeg), {
    name: 'UserError',
    message: 'Cannot judge a step of the kind serve: nothing judges it; train, eval, export or infer is wanted',
  });
  t.throws(() => scriptOf(step), {
    message: 'Cannot run a step of the kind serve: nothing stands in for web_service.py',
  });
  t.throws(() => scriptOf({ kind: 'eval', script: 'tools/export.py' }), {
    message:
      'Cannot run a step of the kind eval: tools/export.py is for no step of the kind eval; tools/val.py is wanted',
  });
});

t.test('a training whose loss stands still, is not finite, or which made too few iterations is red', async (t) => {
  const record: TrainRecord = {
    engine: { engine: 'e', version: '1', device: 'cpu', provider: 'p', tf32: 'not applicable', details: {} },
    ...{
      ranks: 1,
      weights: '',
      batchSize: 2,
      iterations: 2,
      losses: [3, 2.9],
      start: hashParameters(await initialWeights(model, 2)),
      mIoUs: [0.1],
      evaluated: [8],
      windows: [],
      peakRssMb: 1,
    },
  };
  const judge = async (changes: object, options: readonly string[] = []) => {
    const path = join(records, 'train.json');
    await writeFile(path, JSON.stringify({ ...record, ...changes }));
    return failing(
      await judgeTraining(translation(['train', '--config', config, '--iters', '2', ...options], path), 0),
    );
  };
  t.strictSame(await judge({}), []);
  t.strictSame(await judge({ losses: [3, 3] }), ['loss moves']);
  t.strictSame(await judge({ losses: [3, Number.NaN] }), ['loss is finite', 'loss moves']);
  t.strictSame(await judge({ losses: [], iterations: 0 }), ['iterations', 'loss is finite', 'loss moves']);
  t.strictSame(
    await judge({ iterations: 1, losses: [3] }),
    ['iterations', 'loss moves'],
    'one loss cannot be seen to move',
  );
  t.strictSame(await judge({ ranks: 2 }), ['ranks']);
  t.strictSame(await judge({ engine: { ...record.engine, device: 'gpu' } }), ['device']);
  t.strictSame(await judge({ mIoUs: [] }, ['--do_eval']), ['evaluation']);
  t.strictSame(await judge({ evaluated: [7] }, ['--do_eval']), ['evaluation'], 'its val_dataset lists 8');
  t.strictSame(await judge({ evaluated: [] }, ['--do_eval']), ['evaluation']);
  t.strictSame(await judge({ mIoUs: [Number.NaN] }, ['--do_eval']), ['evaluation'], 'JSON keeps null of NaN');
  await writeFile(weights, first.subarray(0, first.length - 100));
  t.strictSame(await judge({}), ['weights', 'learnt'], 'half a checkpoint');
  const lacking = await initialWeights(model, 1);
  await writeFile(weights, renderPdparams(new Map([...lacking].slice(1))));
  t.strictSame(await judge({}), ['weights'], 'one tensor is missing');
  await writeFile(weights, first);
});

t.test('as many pictures are wanted as were listed before the first step, and not as the list has now', async (t) => {
  const record = {
    engine: {},
    mIoU: 0.5,
    Acc: 0.5,
    presentClasses: 2,
    seconds: 1,
    confusion: [
      [1, 0],
      [0, 1],
    ],
  };
  const path = join(records, 'eval.json');
  await writeFile(path, JSON.stringify({ ...record, images: Array(8).fill({}) }));
  const judge = async (wanted: number | null) => {
    const { checks } = await judgeEvaluationStep(translation(['val', '--config', config], path, wanted), 0);
    return checks.find(({ name }) => name === 'pictures');
  };
  t.match(await judge(8), { verdict: 'pass' });
  t.match(await judge(9), { verdict: 'fail', found: '8 were evaluated; its val_dataset has 9' });
  t.match(await judge(null), { verdict: 'fail' });
  const trained = join(records, 'train.json');
  const { checks } = await judgeTraining(
    translation(['train', '--config', config, '--iters', '2', '--do_eval'], trained, 9),
    0,
  );
  t.match(
    checks.find(({ name }) => name === 'evaluation'),
    { verdict: 'fail', found: /over 8 of 9 pictures/ },
  );
});

t.test('a training that leaves every parameter as it was is red, though statistics of norms moved', async (t) => {
  const start = await initialWeights(model, 1);
  const moved = new Map([...start].map(([name, value]) => [name, isBuffer(name) ? doubled(value) : value]));
  await writeFile(weights, renderPdparams(moved));
  t.match(await checkLearnt(weights, hashParameters(start)), {
    verdict: 'fail',
    found: /^0 of \d+ parameters differ from the start$/,
  });
  const [name, value] = [...start].find(([one]) => !isBuffer(one))!;
  await writeFile(weights, renderPdparams(new Map([...moved, [name, doubled(value)]])));
  t.match(await checkLearnt(weights, hashParameters(start)), { verdict: 'pass', found: /^1 of/ });
  t.match(await checkLearnt(weights, {}), { verdict: 'fail' }, 'a training that does not say where it began');
  await writeFile(weights, first);
});

t.test('a move from 0 that is less than a rounding error of 1 is none', async (t) => {
  const start = await initialWeights(model, 1);
  const [name, { shape, data }] = [...start].find(([one, { data }]) => !isBuffer(one) && data.every((x) => x === 0))!;
  const movedTo = async (value: number) => {
    const bias = float32NdArray(shape, new Float32Array(data.length).fill(value));
    await writeFile(weights, renderPdparams(new Map([...start, [name, bias]])));
    return checkLearnt(weights, hashParameters(start));
  };
  t.match(await movedTo(1e-30), { verdict: 'fail', found: /^0 of \d+ parameters differ from the start$/ });
  t.match(await movedTo(-1e-6), { verdict: 'pass', found: /^1 of/ });
  await writeFile(weights, first);
});

t.test('weights of which every parameter is 0 are red, whatever their variances are', async (t) => {
  const start = await initialWeights(model, 1);
  const zero = new Map(
    [...start].map(([name, { shape, data }]) => [
      name,
      float32NdArray(shape, new Float32Array(data.length).fill(name.endsWith('_variance') ? 1 : 0)),
    ]),
  );
  await writeFile(weights, renderPdparams(zero));
  const wanted = { verdict: 'fail', found: /^every one of its \d+ parameters is 0 throughout$/ };
  t.match(await checkWeights(weights, config), wanted);
  t.match(await checkUnknownWeights(weights), wanted);
  await writeFile(weights, first);
});

const doubled = ({ shape, data }: Float32NdArray) =>
  float32NdArray(
    shape,
    data.map((value) => 2 * value + 1),
  );

t.test('masks of one class throughout, and one mask for every picture, are said', async (t) => {
  const describe = (...masks: readonly (readonly number[])[]) => {
    const look = openMaskLook();
    for (const data of masks) look.add({ width: 2, height: 1, data });
    return look.describe();
  };
  t.strictSame(describe(), []);
  t.strictSame(describe([3, 3]), ['the mask is one class throughout: 3']);
  t.strictSame(describe([3, 3], [4, 4]), ['each of 2 masks is one class throughout: 3, 4']);
  t.strictSame(describe([3, 4], [3, 4]), ['the masks of 2 pictures are one and the same']);
  t.strictSame(describe([3, 4]), []);
  t.strictSame(describe([3, 4], [3, 3]), []);
});

t.test('logits that rounding alone moves by more than TIPC allows are not a measure of another engine', async (t) => {
  const write = async (name: string, values: readonly number[]) => {
    const path = join(records, `${name}.npy`);
    await writeFile(path, renderNpy(float32NdArray([2, 1, 2], Float32Array.from(values))));
    return path;
  };
  const expected = [await write('expected', [1, 2, 3, 4])];
  const actual = [await write('actual', [1.1, 2, 3, 4])];
  const quiet = [[await write('quiet', [1.000001, 2, 3, 4])]];
  const loud = [[await write('loud', [1.1, 2.1, 3.1, 4.1])]];
  const judge = async (paths: readonly string[], rounded: readonly (readonly string[])[]) =>
    (await compareLogits('logits', { actual: paths, expected, rounded })).checks;
  t.match(await judge(expected, quiet), [{ verdict: 'pass' }, { verdict: 'pass' }]);
  t.match(await judge(actual, quiet), [{ verdict: 'fail' }, {}]);
  t.match(await judge(actual, loud), [{ verdict: 'fail', found: /^rounding alone moves them by 3\.\d %/ }, {}]);
  t.match(await judge([], quiet), [{ verdict: 'fail', found: /^nothing was compared/ }, { verdict: 'fail' }]);
});

t.test('a folder of pictures is inferred again without the masks that lie in it', async (t) => {
  const shots = join(folder, 'shots');
  await mkdir(shots);
  await copyFile(pictures[0]!, join(shots, 'a.png'));
  const exporting = await tipcheck(
    ['export', '--config', config, '--model_path', weights, '--save_dir', exported],
    folder,
  );
  t.equal(exporting.exitCode, 0, exporting.stderr);
  const args = [
    'infer',
    '--config',
    join(exported, 'deploy.yaml'),
    '--image_path',
    shots,
    '--save_dir',
    join(shots, 'masks'),
  ];
  for (const [text, name] of [
    [/^/, 'first'],
    [/Passed over in .*shots: 1 file is a result in --save_dir: masks\/a\.png/, 'again'],
  ] as const) {
    const { exitCode, stdout, stderr } = await tipcheck([...args, '--json', join(folder, `${name}.json`)], folder);
    t.equal(exitCode, 0, stderr);
    t.match(stdout, text);
    t.equal(JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')).images.length, 1);
  }
});

t.test('a graph of other weights than those beside it is red, and so is a mask that is not the argmax', async (t) => {
  const run = async (args: readonly string[]) => {
    const { exitCode, stderr } = await tipcheck(args, folder);
    t.equal(exitCode, 0, stderr);
  };
  const deploy = join(exported, 'deploy.yaml');
  await run(['export', '--config', config, '--model_path', weights, '--save_dir', exported]);
  const exporting = translation(['export', '--model_path', weights, '--save_dir', exported]);
  const honest = openGraphRuns(join(folder, 'honest'));
  t.strictSame(failing(await judgeExport(exporting, 0, pictures, honest)), []);

  const record = join(records, 'infer.json');
  const args = [
    ...[
      'infer',
      '--config',
      deploy,
      '--image_path',
      'two.list',
      '--device',
      'cpu',
      '--save_dir',
      join(folder, 'masks'),
    ],
    ...['--json', record, '--keep_logits', '2'],
  ];
  await run(args);
  const inferring = translation(
    args.map((word) => (word === 'two.list' ? join(folder, 'two.list') : word)),
    record,
  );
  t.strictSame(failing(await judgeInference(inferring, 0, honest)), []);
  const mask = join(folder, 'masks', 'street_000001_000019_leftImg8bit.png');
  const { data, width, height } = decode(await readFile(mask));
  const spoilt = Uint8Array.from(data);
  spoilt[5] = (spoilt[5]! + 1) % 19;
  await writeFile(mask, renderPseudoColour(spoilt, height, width, classColours()));
  t.strictSame(failing(await judgeInference(inferring, 0, honest)), ['masks']);
  await writeFile(join(folder, 'two.list'), [...pictures, third].join('\n'));
  t.ok(failing(await judgeInference(inferring, 0, honest)).includes('pictures'), 'a picture without a mask');

  await writeFile(join(exported, 'model.pdparams'), second);
  t.strictSame(
    failing(await judgeExport(exporting, 0, pictures, honest)),
    ['graph', 'classes'],
    'what ran before, of other files in the same folder, is not taken for it',
  );
});
