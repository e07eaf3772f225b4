import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import lockfile from 'proper-lockfile';
import t from 'tap';
import { makeFolder, runMode, stepsOf, verdictsOf } from './tipc-folder-for-tests.js';
import { tipcheck, writeSmallConfig } from './tools-for-tests.js';

t.setTimeout(600_000);
const isAll = process.env.TIPCHECK_TEST_ALL === '1';

t.test(
  'a file runs as it stands: train, export and inference, each judged, with results_python.log as TIPC has it',
  async (t) => {
    const folder = await makeFolder(t);
    const ports = isAll ? ['ort', 'tfjs'] : ['ort'];
    const { exitCode, result, report, stdout, stderr } = await runMode(folder, 'lite-train-lite-infer', [
      '--port',
      ...ports,
      '--crop',
      '64x48',
    ]);
    t.equal(exitCode, 0, `${stdout}\n${stderr}`);
    t.strictSame(
      verdictsOf(result),
      ports.flatMap((port) => [`${port}/1-train pass`, `${port}/2-export pass`, `${port}/3-infer pass`]),
    );
    const output = join(folder, 'test_tipc', 'output', 'small', 'lite_train_lite_infer');
    const lines = (await readFile(join(output, 'results_python.log'), 'utf8')).split('\n');
    t.equal(lines[0], `${'-'.repeat(24)} lite_train_lite_infer ${'-'.repeat(24)}`);
    t.ok(
      lines[1]!.startsWith('\u001b[33m Run successfully with command - small - python3 tools/train.py '),
      'as TIPC writes it',
    );
    t.ok(lines[1]!.endsWith('_nodes_1.log  \u001b[0m'), 'as TIPC writes it');
    t.equal(lines.length, 5, 'a banner, three steps, and the end of the last line');
    const [train, exported, infer] = stepsOf(result);
    t.ok(
      train!.deviations.some((text) => text.includes('--crop 64x48')),
      'what was shrunk is in the result',
    );
    t.strictSame(result!.tipc!.deviations.filter((text) => text.includes('--crop')).length, 2);
    t.match(
      exported!.checks.find(({ name }) => name === 'graph'),
      { verdict: 'pass', because: /twice|engines/ },
    );
    t.equal(infer!.artefacts.length, 2, 'a mask of each picture');
    t.equal(infer!.engine?.device, 'cpu');
    const plan = JSON.parse(await readFile(join(folder, 'reports', report, 'plan.json'), 'utf8'));
    t.strictSame(plan.planned, result!.tipc!.planned);
    const verified = await tipcheck(['verify', join('reports', report)], folder);
    t.equal(verified.exitCode, 0, verified.stdout);

    await t.test('a second run keeps what the first left, and takes nothing from it', async (t) => {
      await rm(join(folder, 'small.yml'));
      await writeSmallConfig(folder, (yml) => yml.replace('learning_rate: 1.0e-3', 'learning_rate: 1.0e+30'));
      const again = await runMode(folder, 'lite_train_lite_infer', [
        '--port',
        'ort',
        '--crop',
        '64x48',
        '--iters',
        '9',
      ]);
      t.not(again.exitCode, 0, 'a training that runs away is red');
      t.ok(
        verdictsOf(again.result).includes('ort/2-export not-run'),
        'the best_model of the first run is not exported',
      );
      t.match(stepsOf(again.result)[1]!.reason, 'ort/1-train, which it needs,');
      const aside = (await readdir(join(folder, 'test_tipc', 'output', 'small'))).filter((name) =>
        name.includes('.before-'),
      );
      t.equal(aside.length, 1);
      const kept = join(folder, 'test_tipc', 'output', 'small', aside[0]!, 'results_python.log');
      t.equal((await readFile(kept, 'utf8')).split('\n').length, 5);
      t.match(await readFile(join(output, 'results_python.log'), 'utf8'), 'Run failed with command');
    });
  },
);

t.test(
  'rows of a GPU do not run without one: exit code 3, the last line says why, and what is required is exit code 1',
  async (t) => {
    const folder = await makeFolder(t, { '--device': 'gpu' });
    const hidden = { CUDA_VISIBLE_DEVICES: '' };
    const none = async (options: readonly string[]) => {
      const ended = await tipcheck(
        ['test', 'small.txt', 'lite_train_lite_infer', '--port', 'ort', ...options],
        folder,
        hidden,
      );
      return { ...ended, lastLine: ended.stdout.trim().split('\n').at(-1)! };
    };
    const plain = await none([]);
    t.equal(plain.exitCode, 3);
    t.match(
      plain.lastLine,
      /^not-run: 0 of 3 steps pass; 3 did not run, first ort\/1-train: there is no GPU: .+ Fix: --device cpu/,
    );
    const required = await none(['--require', 'gpu']);
    t.equal(required.exitCode, 1);
    t.match(required.lastLine, /^fail: .+--require gpu wants it\. Fix: leave out --require gpu/);
    const allowed = await none(['--allow-not-run', 'gpu']);
    t.equal(allowed.exitCode, 3, 'never all of them');
  },
);

t.test('what cannot be used is said before anything runs', async (t) => {
  const folder = await makeFolder(t);
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['lite_train_lite_infr'], 2, /Did you mean lite_train_lite_infer\?/],
    [['lite_train_lite_infer', 'whole_infer'], 2, /one mode is wanted/],
    [['lite_train_lite_infer', '--allow-not-run', 'gpus'], 2, /Did you mean gpu\?/],
    [['lite_train_lite_infer', '--crop', '256'], 2, /for example 256x256/],
    [['lite_train_lite_infer', '--iters', '1'], 2, /A whole number from 2 is wanted: one loss alone/],
    [['whole_infer', '--iters', '3'], 2, /Cannot use --iters with whole_infer of small\.txt: it trains nothing/],
    [['serving_infer'], 2, /or a file of the form serving_python or serving_cpp$/m],
    [['cpp_infer'], 2, /or a file of the form cpp$/m],
    [['dy2static'], 2, /or a file of the form dy2static$/m],
    [
      ['whole_infer'],
      2,
      /trained\/model\.pdparams: there is no such file; .+ Fix: npx tipcheck prepare small\.txt whole_infer/,
    ],
    [['lite_train_lite_infer', '--allow-not-run', 'gpu', '--require', 'gpu'], 2, /they contradict/],
    [['lite_infer', '--crop', '64x64'], 2, /goldens are judged as they are/],
    [['benchmark_train'], 2, /it has no section train_benchmark_params/],
    [['lite_train_lite_infer', '--waivers', 'w.yaml'], 2, /no failure of a step is let through/],
  ];
  for (const [args, code, message] of cases) {
    const { exitCode, stderr } = await tipcheck(['test', 'small.txt', ...args], folder);
    t.equal(exitCode, code, args.join(' '));
    t.match(stderr, message);
  }
  const list = join(folder, 'data', 'two.list');
  await writeFile(list, 'street_000000_000019_leftImg8bit.png\nstreet_000000_000019_leftImg8bit.png\n');
  const twice = await tipcheck(['test', 'small.txt', 'lite_train_lite_infer'], folder);
  t.equal(twice.exitCode, 2);
  t.match(
    twice.stderr,
    /^Cannot infer data\/two\.list: it names two pictures street_000000_000019_leftImg8bit, and both/m,
  );
  t.notMatch(twice.stderr, /Fix: npx tipcheck prepare/, 'which leaves a list that is there as it is');
  await rm(list);
  const { exitCode, stderr } = await tipcheck(['test', 'small.txt', 'lite_train_lite_infer'], folder);
  t.equal(exitCode, 2);
  t.match(stderr, /two\.list: .+ Fix: npx tipcheck prepare small\.txt lite_train_lite_infer/);
  t.strictSame(await readdir(join(folder, 'test_tipc')).catch(() => []), [], 'nothing was made');
});

t.test(
  "an argument at which PaddleSeg's own tool ends is refused, with its line; without that command it is none",
  async (t) => {
    const changes = { eval: 'tools/val.py --config small.yml' };
    const folder = await makeFolder(t, changes);
    const path = join(folder, 'small.txt');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('--model_path:null', 'Global.pretrained_model:null'));
    const wanted =
      'Cannot run lite_train_lite_infer of small.txt:10: tools/val.py would stop: it has no argument Global.pretrained_model; arguments that it takes are wanted. Fix: --model_path:null';
    for (const command of ['test', 'prepare']) {
      const { exitCode, stderr } = await tipcheck([command, 'small.txt', 'lite_train_lite_infer'], folder);
      t.equal(exitCode, 2);
      t.equal(stderr.trim().split('\n').at(-1), wanted);
    }
    const explained = await tipcheck(['explain', 'small.txt', 'lite_train_lite_infer'], folder);
    t.equal(explained.exitCode, 0);
    t.match(explained.stdout, /tools\/val\.py --config small\.yml Global\.pretrained_model=/, "TIPC's own line");
    t.match(explained.stdout, /ours {2}not run: small\.txt:10: tools\/val\.py would stop: /);
    await writeFile(
      path,
      text.replace('--model_path:null', 'Global.pretrained_model:null').replace(/^eval:.*$/m, 'eval:null'),
    );
    t.equal(
      (await tipcheck(['prepare', 'small.txt', 'lite_train_lite_infer', '--pretrained', 'none'], folder)).exitCode,
      0,
    );
  },
);

t.test('a row of several ranks without Open MPI is known before it runs, with what installs it', async (t) => {
  const folder = await makeFolder(t, { gpu_list: '0,1', '--device': 'cpu' });
  // Whoever has Open MPI has it on the PATH.
  const hidden = { PATH: join(folder, 'nothing') };
  const told = /there is no mpirun; Open MPI is wanted: \S+ install open\S+/;
  const prepared = await tipcheck(['prepare', 'small.txt', 'lite_train_lite_infer'], folder, hidden);
  t.match(prepared.stdout, /^a row is of 2 ranks, which will not run: there is no mpirun/m);
  t.match(prepared.stdout, told);
  const { exitCode, stdout, lastLine, report, result } = await runMode(
    folder,
    'lite_train_lite_infer',
    ['--port', 'ort'],
    hidden,
  );
  t.equal(exitCode, 3, stdout);
  t.match(stepsOf(result)[0], { verdict: 'not-run', lack: 'mpi', reason: told });
  t.match(lastLine, /2 ranks are asked for, and there is no mpirun; .+ --allow-not-run mpi tolerates this reason$/);
  const plan = await readFile(join(folder, 'reports', report, 'plan.json'), 'utf8');
  t.match(plan, told, 'the plan says it');
  const required = await runMode(folder, 'lite_train_lite_infer', ['--port', 'ort', '--require', 'mpi'], hidden);
  t.equal(required.exitCode, 1);
});

t.test("a file in a folder's place under test_tipc is one sentence and exit code 2", async (t) => {
  for (const place of ['test_tipc', 'test_tipc/output/small', 'test_tipc/output/small/lite_train_lite_infer']) {
    const folder = await makeFolder(t);
    await mkdir(dirname(join(folder, place)), { recursive: true });
    await writeFile(join(folder, place), 'mine');
    const { exitCode, stderr } = await runMode(folder, 'lite_train_lite_infer', ['--port', 'ort']);
    t.equal(exitCode, 2, place);
    t.match(stderr, /^Cannot write \.\/test_tipc\/output\/small\/lite_train_lite_infer: .+ wanted$/m);
    t.notMatch(stderr, /defect| at .+:\d+:\d+/);
    t.equal(await readFile(join(folder, place), 'utf8'), 'mine');
  }
});

t.test('where another run is at work nothing is moved and nothing runs', async (t) => {
  const folder = await makeFolder(t);
  const output = join(folder, 'test_tipc', 'output', 'small', 'lite_train_lite_infer');
  await mkdir(output, { recursive: true });
  await writeFile(join(output, 'theirs'), 'half');
  const release = await lockfile.lock(output, { realpath: false });
  const { exitCode, stderr } = await runMode(folder, 'lite_train_lite_infer', ['--port', 'ort']);
  await release();
  t.equal(exitCode, 3);
  t.match(stderr, /^Cannot run into .*lite_train_lite_infer: another run is at work there; .+ Fix: wait for it/m);
  t.strictSame(await readdir(output), ['theirs']);
});

t.test('two ymls of one name, in two folders, stay two where they are made smaller', async (t) => {
  const folder = await makeFolder(t, { norm_export: 'tools/export.py --config other/small.yml' });
  await mkdir(join(folder, 'other'));
  await writeSmallConfig(join(folder, 'other'));
  const options = ['--port', 'ort', '--crop', '64x48', '--device', 'gpu'];
  const { report } = await runMode(folder, 'lite_train_lite_infer', options, { CUDA_VISIBLE_DEVICES: '' });
  const configs = join(folder, 'reports', report, 'configs');
  t.match(await readFile(join(configs, 'small_64x48.yml'), 'utf8'), /^# small\.yml, smaller/);
  t.match(await readFile(join(configs, '2', 'small_64x48.yml'), 'utf8'), /^# other\/small\.yml, smaller/);
});

t.test('a mode of inference that infers nothing is refused: TIPC would pass over its rows in silence', async (t) => {
  const folder = await makeFolder(t, { '--device': 'auto' });
  const { exitCode, stderr } = await tipcheck(['test', 'small.txt', 'lite_train_lite_infer'], folder);
  t.equal(exitCode, 2);
  t.match(
    stderr,
    /TIPC passes over every row of inference, small\.txt:41: --device has the item auto, which is neither cpu nor gpu;/,
  );
});

t.test('prepare makes data that are not there, says which, and leaves what is there', async (t) => {
  const folder = await makeFolder(t);
  await writeSmallConfig(folder, (yml) => yml.replace(/dataset_root: .*/g, 'dataset_root: data/scenes'));
  await rm(join(folder, 'data', 'two.list'));
  const prepare = () => tipcheck(['prepare', 'small.txt', 'lite_train_lite_infer'], folder);
  const made = await prepare();
  t.equal(made.exitCode, 0, made.stderr);
  t.match(made.stdout, /data\/scenes did not exist; the street scenes that tipcheck ships stand in for Cityscapes/);
  t.match(made.stdout, /two\.list did not exist; it lists the first 5 pictures/);
  t.match(await readFile(join(folder, 'data', 'scenes', 'made-by-tipcheck.json'), 'utf8'), /fixtures\/street/);
  await writeFile(join(folder, 'data', 'two.list'), 'mine.png\n');
  t.match((await prepare()).stdout, /data\/scenes is there, made by tipcheck/);
  t.equal(await readFile(join(folder, 'data', 'two.list'), 'utf8'), 'mine.png\n');

  const whole = await tipcheck(['prepare', 'small.txt', 'whole_infer', '--pretrained', 'none'], folder);
  t.equal(whole.exitCode, 2);
  t.match(whole.stderr, 'Cannot use --pretrained with whole_infer of small.txt: it trains nothing');
  const lacking = await tipcheck(['prepare', 'small.txt', 'whole_infer'], folder);
  t.equal(lacking.exitCode, 2);
  t.match(
    lacking.stderr,
    /no weights of SegNeXt MSCAN are released; .+ Fix: npx tipcheck train --config <yml>, and copy/,
  );
  await rm(join(folder, 'data', 'scenes'), { recursive: true });
  await symlink('gone', join(folder, 'data', 'scenes'));
  const dangling = await prepare();
  t.equal(dangling.exitCode, 2);
  t.match(dangling.stderr, /data\/scenes is a link to gone, which is not there; .+ Fix: rm data\/scenes$/m);
});
