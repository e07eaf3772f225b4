import { existsSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encode } from 'fast-png';
import t from 'tap';
import { readWeightsFile, writeWeightsFile } from '../harness/golden/weights-file.js';
import { packageRoot } from '../harness/support/package-root.js';
import { listCheckpointSteps } from '../pipeline/checkpoints/checkpoints.js';
import { tipcheck, writeSmallConfig } from './tools-for-tests.js';

const ports = ['ort', 'tfjs'];
const trainLine =
  /^\[\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\] INFO: \[TRAIN\] epoch: (\d+), iter: (\d+)\/8, loss: (\d+\.\d{4}), lr: (0\.\d{6}), batch_cost: \d+\.\d{4}, reader_cost: \d+\.\d{5}, ips: \d+\.\d{4} samples\/sec \| ETA \d\d:\d\d:\d\d$/;

for (const port of ports) {
  t.test(`${port} trains, logs PaddleSeg's lines and writes checkpoints`, async (t) => {
    const folder = t.testdir();
    const config = await writeSmallConfig(folder);
    const args = ['train', '--config', config, '--port', port, '--save_interval', '4', '--log_iters', '2', '--do_eval'];
    const { exitCode, stdout, stderr } = await tipcheck(args, folder);
    t.equal(exitCode, 0, stderr);
    const lines = stdout.split('\n').flatMap((line) => (trainLine.exec(line) === null ? [] : [trainLine.exec(line)!]));
    t.same(
      lines.map(([, epoch, iteration]) => [Number(epoch), Number(iteration)]),
      [
        [1, 2],
        [1, 4],
        [1, 6],
        [2, 8],
      ],
      stdout,
    );
    t.same(
      lines.map((line) => line[4]),
      ['0.000875', '0.000625', '0.000375', '0.000125'],
      'the rate that the iteration used',
    );
    t.match(stdout, '[EVAL] #Images: 8 mIoU: ');
    t.match(stdout, 'Weights: all 195 tensors from initialisation');
    t.same(await listCheckpointSteps(join(folder, 'output')), [4, 8]);
    const weights = await readWeightsFile(join(folder, 'output', 'best_model', 'model.pdparams'));
    t.equal(weights.size, 195);
  });

  t.test(
    `${port}: a loss that becomes NaN ends the training, names a layer and keeps the last checkpoint`,
    async (t) => {
      const folder = t.testdir();
      const config = await writeSmallConfig(folder, (text) =>
        text.replace('learning_rate: 1.0e-3', 'learning_rate: 1.0e+30'),
      );
      const { exitCode, stderr } = await tipcheck(
        ['train', '--config', config, '--port', port, '--save_interval', '1'],
        folder,
      );
      t.equal(exitCode, 1);
      t.match(
        stderr,
        /^Cannot go on training: in iteration \d+ the (loss|gradient) became NaN or Inf, first at \S+; finite numbers are wanted\./m,
      );
      t.match(stderr, /The last good checkpoint is output\/iter_\d+|No checkpoint was written before/);
      t.notMatch(stderr, 'unknown layer');
    },
  );
}

t.test(
  'a training whose network gives NaN when it is evaluated goes on, as in the reference, and says so',
  async (t) => {
    const folder = t.testdir();
    const config = await writeSmallConfig(folder);
    const args = ['train', '--config', config, '--iters', '1', '--do_eval'];
    const sound = await tipcheck(args, folder);
    t.equal(sound.exitCode, 0, sound.stderr);
    t.notMatch(sound.stdout, 'NaN or Inf');
    const arrays = await readWeightsFile(join(folder, 'output', 'iter_1', 'model.pdparams'));
    const [name, array] = [...arrays].filter(([one]) => one.endsWith('._mean')).at(-1)!;
    // Training takes the statistics of its batch, and an evaluation takes these.
    const data = (array.data as Float32Array).map(() => Number.NaN);
    await writeWeightsFile(join(folder, 'spoilt.pdparams'), new Map([...arrays, [name, { ...array, data }]]));
    const { exitCode, stdout, stderr } = await tipcheck(
      [...args, '--pretrained', 'spoilt.pdparams', '--save_dir', 'astray'],
      folder,
    );
    t.equal(exitCode, 0, stderr);
    t.match(stdout, /INFO: Of 8 of 8 images the network gives NaN or Inf: these figures, .+ say nothing of it\.$/m);
  },
);

const kills = process.env.TIPCHECK_TEST_ALL === '1' ? 10 : 2;
const seed = Math.floor(Math.random() * 2 ** 32);

for (const port of ports) {
  t.test(`${port}: killed ${kills} times, training resumes to the same weights, bit for bit`, async (t) => {
    t.comment(`seed ${seed}`);
    let state = seed;
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const folder = t.testdir();
    const config = await writeSmallConfig(folder);
    const iters = 4 + 4 * kills;
    const args = ['train', '--config', config, '--port', port, '--iters', `${iters}`, '--save_interval', '1'];
    const keep = ['--keep_checkpoint_max', '0', '--log_iters', '3'];
    const whole = await tipcheck([...args, ...keep, '--save_dir', 'whole'], folder);
    t.equal(whole.exitCode, 0, whole.stderr);

    let killed = 0;
    while (killed < kills) {
      const steps = await listCheckpointSteps(join(folder, 'broken'));
      const last = steps.at(-1);
      const resume = last === undefined ? [] : ['--resume_model', join('broken', `iter_${last}`)];
      const running = tipcheck([...args, ...keep, '--save_dir', 'broken', ...resume], folder);
      // Not before it has begun: from its first checkpoint on, at any moment.
      const next = join(folder, 'broken', `iter_${(last ?? 0) + 1}`);
      while (!existsSync(next) && running.exitCode === null) await sleep(10);
      await sleep(random() * 250);
      running.kill('SIGKILL');
      const { exitCode, stderr } = await running;
      killed++;
      if (exitCode === 0) break;
      t.notMatch(stderr, 'Cannot');
    }
    t.comment(`killed ${killed} times`);
    const steps = await listCheckpointSteps(join(folder, 'broken'));
    const last = await tipcheck(
      [...args, ...keep, '--save_dir', 'broken', '--resume_model', join('broken', `iter_${steps.at(-1)}`)],
      folder,
    );
    t.equal(last.exitCode, 0, last.stderr);
    for (const file of ['model.pdparams', 'model.pdopt', 'model.pdstates']) {
      const [wanted, found] = await Promise.all(
        ['whole', 'broken'].map((name) => readFile(join(folder, name, `iter_${iters}`, file))),
      );
      t.ok(found!.equals(wanted!), file);
    }
  });
}

t.test('a training that goes on keeps its seed, and no other is taken', async (t) => {
  const folder = t.testdir();
  const config = await writeSmallConfig(folder);
  const args = ['train', '--config', config, '--iters', '2', '--save_interval', '1'];
  t.equal((await tipcheck([...args, '--seed', '7', '--save_dir', 'whole'], folder)).exitCode, 0);
  const resume = ['--resume_model', join('whole', 'iter_1'), '--save_dir', 'rest'];
  t.equal((await tipcheck([...args, ...resume], folder)).exitCode, 0);
  const [wanted, found] = await Promise.all(
    ['whole', 'rest'].map((name) => readFile(join(folder, name, 'iter_2', 'model.pdparams'))),
  );
  t.ok(found!.equals(wanted!), 'augmentation is drawn from the seed, too');
  const other = await tipcheck([...args, ...resume, '--seed', '8'], folder);
  t.equal(other.exitCode, 2);
  t.match(
    other.stderr,
    'Cannot resume from whole/iter_1 with the seed 8: the training began with 7, and another would not go on with it; the same one is wanted. Fix: leave --seed out',
  );
});

t.test('what the command line has and training has no use for is said', async (t) => {
  const folder = t.testdir();
  const config = await writeSmallConfig(folder);
  const idle = ['--to_static_training', '--amp_level', 'O1', '--input_shape', '1', '3', '64', '64'];
  const { exitCode, stdout } = await tipcheck(['train', '--config', config, '--iters', '1', ...idle], folder);
  t.equal(exitCode, 0);
  t.match(stdout, 'INFO: Ignored by this command: --to_static_training, --amp_level, --input_shape\n');
});

const refused: Readonly<Record<string, readonly [(text: string) => string, readonly string[], RegExp]>> = {
  'a key that nothing reads': [
    (text) => `${text}\nlr_schedular: 1\n`,
    [],
    /small\.yml:\d+: nothing reads the key lr_schedular; .* Did you mean lr_scheduler\?/,
  ],
  'a model that tells more classes apart': [(text) => text.replace('num_classes: 19', 'num_classes: 20'), [], /20/],
  'a data set smaller than a batch': [
    (text) => text.replace('batch_size: 2', 'batch_size: 13'),
    [],
    /Cannot train on .*: it has 12 images and a batch has 13; at least one full batch is wanted\. Fix: a smaller batch_size/,
  ],
  'a missing data set': [(text) => text.replaceAll('fixtures', 'nowhere'), [], /there is no folder .*nowhere/],
  'half precision': [
    (text) => text,
    ['--precision', 'fp16'],
    /Cannot train with --precision fp16: training is in float32/,
  ],
  'weights that are not there': [
    (text) => text,
    ['--pretrained', 'nowhere.pdparams'],
    /Cannot read weights nowhere\.pdparams: there is no such file/,
  ],
  'a number that YAML 1.1 takes for text': [
    (text) => text.replace('learning_rate: 1.0e-3', 'learning_rate: 1e-3'),
    [],
    /^Cannot use \S*small\.yml:29: learning_rate is "1e-3"; it must be number, and this is text in YAML 1\.1\. Fix: write 1\.0e-3$/,
  ],
  'a wrong key of the loss': [
    (text) => text.replace('type: CrossEntropyLoss', 'type: CrossEntropyLoss\n      weigth: [1]'),
    [],
    /^Cannot use \S*small\.yml:\d+: types\.0\.weigth is not a key that is known here; .* Did you mean weight\?$/,
  ],
  'a crop that would pad with a value that is not a label': [
    (text) =>
      text
        .replace('crop_size: [64, 48]', 'crop_size: [600, 300]')
        .replace('    - type: CrossEntropyLoss', '    - type: CrossEntropyLoss\n      ignore_index: 18'),
    [],
    /^Cannot train on \S+\.png: RandomPaddingCrop \(\S*small\.yml:9\) pads with 255, ignore_index is 18, and at that step the picture can be as small as 512×256 \(so can 11 more of 12\); ignore_index, or a class of 0 to 18, is wanted\. Fix: label_padding_value: 18$/,
  ],
  'a value that the data set ignores and the loss does not': [
    (text) => text.replace('    - type: CrossEntropyLoss', '    - type: CrossEntropyLoss\n      ignore_index: 18'),
    [],
    /^Cannot use the label \S+\.png: the pixel at x \d+, y \d+ is of class 255; 0 to 18, or 18 for none, is wanted$/,
  ],
  'a checkpoint that is not there': [
    (text) => text,
    ['--resume_model', 'output/iter_3'],
    /Cannot resume from output\/iter_3\/model\.pdstates: there is no such file/,
  ],
  'a file in place of the folder of checkpoints': [
    (text) => text,
    ['--save_dir', 'small.yml'],
    /Cannot write small\.yml: a part of its folder is a file; a place that can be written is wanted/,
  ],
  'an option of the yml without its mapping': [
    (text) => text,
    ['--opts', 'optimiser.type=SGD'],
    /has no mapping optimiser there; .* Did you mean optimizer\?/,
  ],
};

for (const [what, [change, args, message]] of Object.entries(refused)) {
  t.test(`${what} is refused before training starts`, async (t) => {
    const folder = t.testdir();
    const config = await writeSmallConfig(folder, change);
    const { exitCode, stderr } = await tipcheck(['train', '--config', config, ...args], folder);
    t.equal(exitCode, 2, stderr);
    t.match(stderr, message);
    t.equal(stderr.trim().split('\n').length, 1, 'one line');
    t.notOk(existsSync(join(folder, 'output')), 'nothing is written');
  });
}

for (const mode of ['train', 'val']) {
  t.test(
    `a class that the network does not have in a label of ${mode} is refused before training starts`,
    async (t) => {
      const folder = t.testdir();
      const street = join(packageRoot, 'fixtures', 'street');
      await cp(street, join(folder, 'street'), { recursive: true });
      const label = `street/gtFine/${mode}/street/street_000003_000019_gtFine_labelTrainIds.png`;
      const data = new Uint8Array(512 * 256).fill(3);
      data[2 * 512 + 5] = 19;
      await writeFile(join(folder, label), encode({ width: 512, height: 256, data, channels: 1, depth: 8 }));
      const config = await writeSmallConfig(folder, (text) => text.replaceAll(street, 'street'));
      const { exitCode, stdout, stderr } = await tipcheck(['train', '--config', config, '--do_eval'], folder);
      t.equal(exitCode, 2);
      t.equal(
        stderr,
        `Cannot use the label ${label}: the pixel at x 5, y 2 is of class 19; 0 to 18, or 255 for none, is wanted`,
      );
      t.equal(stdout, '');
      t.notOk(existsSync(join(folder, 'output')), 'nothing is written');
    },
  );
}

t.test('checkpoints of another training are never overwritten, nor resumed by another port or network', async (t) => {
  const folder = t.testdir();
  const config = await writeSmallConfig(folder);
  const args = ['train', '--config', config, '--port', 'ort', '--iters', '1'];
  t.equal((await tipcheck(args, folder)).exitCode, 0);
  const again = await tipcheck(args, folder);
  t.equal(again.exitCode, 2);
  t.match(again.stderr, /Cannot train into \.\/output: it holds checkpoints of another training/);
  const finished = await tipcheck([...args, '--resume_model', 'output/iter_1'], folder);
  t.equal(finished.exitCode, 0);
  t.match(
    finished.stdout,
    /INFO: Nothing to train: output\/iter_1 has trained 1 of 1 iteration\. Nothing is written\. To train on: --iters above 1$/,
  );
  t.notMatch(finished.stdout, /Trained/);
  const recorded = await tipcheck([...args, '--resume_model', 'output/iter_1', '--json', 'found.json'], folder);
  t.equal(recorded.exitCode, 2);
  t.equal(
    recorded.stderr,
    'Cannot write found.json: output/iter_1 has trained 1 of 1 iteration, and nothing is left to record; a command without --json is wanted. Fix: --iters above 1',
  );
  const outer = await tipcheck([...args, '--resume_model', 'output'], folder);
  t.equal(outer.exitCode, 2);
  t.equal(
    outer.stderr,
    'Cannot resume from output: it holds checkpoints and is not one; one of them is wanted. Fix: --resume_model output/iter_1',
  );
  const other = await tipcheck([...args.slice(0, 3), '--port', 'tfjs', '--resume_model', 'output/iter_1'], folder);
  t.equal(other.exitCode, 2);
  t.match(other.stderr, /Cannot resume from output\/iter_1 with port tfjs: ort trained it/);
  await writeSmallConfig(folder, (text) => text.replace('depths: [1, 1, 1, 1]', 'depths: [1, 1, 2, 1]'));
  const larger = await tipcheck([...args, '--resume_model', 'output/iter_1'], folder);
  t.equal(larger.exitCode, 2);
  t.match(larger.stderr, /backbone\.block3\.1\.\S+ is missing/);
  await rm(join(folder, 'output', 'iter_1', 'model.pdopt'));
});
