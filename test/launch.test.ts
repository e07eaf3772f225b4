import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { parse } from 'yaml';
import type { NdArray } from '../harness/contract/nd-array.js';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { renderPdparams } from '../harness/golden/render-pdparams.js';
import { isBuffer, uniform } from '../harness/golden/seeded.js';
import { resolveWeights } from '../harness/golden/weights.js';
import { readWeightsFile } from '../harness/golden/weights-file.js';
import { findGpu } from '../harness/support/find-gpu.js';
import { packageRoot } from '../harness/support/package-root.js';
import { listCheckpointSteps } from '../pipeline/checkpoints/checkpoints.js';
import { listBatches } from '../pipeline/data/batch-sampler.js';
import { serveBytes, serveForTests } from '../pipeline/fetch/server-for-tests.js';
import { mpirunOptions } from '../pipeline/tools/launch.js';
import { chooseGpu } from '../pipeline/tools/rank-environment.js';
import { initialWeights } from '../pipeline/train/initial-weights.js';
import { tipcheck, writeSmallConfig } from './tools-for-tests.js';

const notRun = findMpirun() ? false : 'not run: no mpirun (apt-get install openmpi-bin)';
if (notRun !== false) t.comment(notRun);

/**
 * Twelve images of 64×48 with a label on every pixel, whose columns are the classes: each rank's loss is over as many
 * pixels. No augmentation, no drops, fixed bases: what a rank draws for itself would differ from what one process
 * draws.
 */
async function writeStillConfig(folder: string, std = '0.5'): Promise<string> {
  const { default: sharp } = await import('sharp');
  const raw = { width: 64, height: 48, channels: 3 } as const;
  const lines: string[] = [];
  for (let image = 0; image < imageCount; image++) {
    const pixels = uniform(1, `image/${image}`, 64 * 48 * 3).map((u) => Math.floor(256 * u));
    const bright = image === brightImage ? 255 : 0;
    // By the tiny std, which makes Inf of all that is not black: one pixel of one image.
    const data = Uint8Array.from(pixels, (value, at) => (std === tinyStd ? (at === 0 ? bright : 0) : value));
    const label = Uint8Array.from({ length: 64 * 48 }, (_, at) => ((at % 64) + image) % 19);
    await sharp(data, { raw })
      .png()
      .toFile(join(folder, `image${image}.png`));
    await sharp(label, { raw: { ...raw, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(join(folder, `label${image}.png`));
    lines.push(`image${image}.png label${image}.png`);
  }
  await writeFile(join(folder, 'train.txt'), lines.join('\n'));
  const dataSet = `train_dataset:
  type: Dataset
  dataset_root: ${folder}
  train_path: ${join(folder, 'train.txt')}
  num_classes: 19
  mode: train
  transforms:
    - type: Normalize
      mean: [0, 0, 0]
      std: [${std}, ${std}, ${std}]
`;
  return writeSmallConfig(folder, (text) =>
    text
      .replace(/train_dataset:[\s\S]*?(?=val_dataset:)/, dataSet)
      .replace('type: AdamW\n  weight_decay: 0.01', 'type: SGD\n  custom_cfg: [{name: head, lr_mult: 2.0}]')
      .replace('learning_rate: 1.0e-3', 'learning_rate: 0.05')
      .replace('drop_path_rate: 0.1', 'drop_path_rate: 0.0')
      .replace('dropout_rate: 0.1', 'dropout_rate: 0.0')
      .replace('MD_R: 4', 'MD_R: 4\n      RAND_INIT: False'),
  );
}

const imageCount = 12;
/** 1 / 1e-39 is Inf in float32. */
const tinyStd = '1.0e-39';
/** Which rank 1 sees in the third iteration, by the order of the first epoch. */
const brightImage = listBatches(
  { count: imageCount, batchSize: 2, rank: 1, ranks: 2, shuffle: true, dropLast: true },
  0,
)[2]![1]!;

/**
 * How far the weights of two runs may be apart, as a share of how far they moved from their start. Because: float32
 * gradients of one batch in another order are apart by about 1e-6 of themselves (seen: 9e-6 at most after three steps);
 * without averaging each rank moves by its own gradient, which is apart by half of itself.
 */
const movementLimit = 1e-4;

t.test(
  'ranks share the pictures of the published table, and print what one process prints',
  { skip: notRun },
  async (t) => {
    const folder = t.testdir();
    const bundle = await readBundle(resolveBundleFolder('segnext-t'));
    const server = await serveForTests(t);
    server.answer(serveBytes(renderPdparams(resolveWeights(bundle))));
    const data = join(packageRoot, 'fixtures', 'street');
    const args = ['val', '--table', 'segnext-t', '--mirror', server.base, '--data', data, '--json'];
    const cache = { XDG_CACHE_HOME: join(folder, 'cache') };
    const together = await tipcheck(
      ['launch', '--nproc', '2', ...args, 'together.json', '--save_dir', 'kept'],
      folder,
      cache,
    );
    t.equal(together.exitCode, 0, together.stderr);
    t.equal(together.stdout.match(/segnext-t ss: mIoU/g)?.length, 1, together.stdout);
    // What the ranks kept is all that there is, so one process has nothing left to do.
    const alone = await tipcheck([...args, 'alone.json', '--save_dir', 'kept', '--resume'], folder, cache);
    t.equal(alone.exitCode, 0, alone.stderr);
    t.equal(alone.stdout.match(/8 of 8 images were evaluated before/g)?.length, 3, alone.stdout);
    const [first, second] = await Promise.all(
      ['together', 'alone'].map((name) => readFile(join(folder, `${name}.json`), 'utf8')),
    );
    t.equal(first, second);
  },
);

for (const port of ['ort', 'tfjs']) {
  t.test(`${port}: two ranks with two images each train as one process with four`, { skip: notRun }, async (t) => {
    const folder = t.testdir();
    const config = await writeStillConfig(folder);
    const args = ['train', '--config', config, '--port', port, '--iters', '3', '--log_iters', '1', '--save_dir'];
    const alone = await tipcheck([...args, 'alone', '--batch_size', '4'], folder);
    t.equal(alone.exitCode, 0, alone.stderr);
    // Each checkpoint is written only if the ranks' weights are the same bits.
    const { exitCode, stdout, stderr } = await tipcheck(['launch', '--nproc', '2', ...args, 'together'], folder);
    t.equal(exitCode, 0, stderr);
    t.equal(stdout.match(/\[TRAIN\]/g)?.length, 3, stdout);
    t.match(stdout, '2 ranks, 4 images in an iteration');
    t.match(stdout, /Note: the optimizer has custom_cfg\. .* can crash on several cards; the authors' way round it is/);
    t.same(lossesOf(stdout), lossesOf(alone.stdout));

    const start = await initialWeights(parse(await readFile(config, 'utf8')).model, 0);
    const [one, two] = await Promise.all(
      ['alone', 'together'].map((name) => readWeightsFile(join(folder, name, 'iter_3', 'model.pdparams'))),
    );
    t.equal(two!.size, start.size);
    for (const [what, choose] of Object.entries({
      parameters: (name: string) => !isBuffer(name),
      statistics: isBuffer,
    })) {
      const names = [...start.keys()].filter(choose);
      const [moved, apart] = [distance(one!, start, names), distance(two!, one!, names)];
      t.ok(moved > 0 && apart <= movementLimit * moved, `${what} are ${apart / moved} of their movement apart`);
    }
  });

  t.test(`${port}: NaN on one rank stops both, and keeps the last checkpoint`, { skip: notRun }, async (t) => {
    const folder = t.testdir();
    const config = await writeStillConfig(folder, tinyStd);
    const args = ['train', '--config', config, '--port', port, '--iters', '8', '--save_interval', '1'];
    const { exitCode, stderr } = await tipcheck(['launch', '--nproc', '2', ...args], folder);
    t.equal(exitCode, 1, stderr);
    t.same(
      stderr.split('\n').filter((line) => line.startsWith('Cannot')),
      [
        'Cannot go on training: in iteration 3 the loss became NaN or Inf, first at backbone.patch_embed1.proj.0; finite numbers are wanted. The last good checkpoint is output/iter_2. Fix: a smaller learning rate, or look at the data of that iteration',
      ],
    );
    t.same(await listCheckpointSteps(join(folder, 'output')), [1, 2]);
  });
}

function lossesOf(stdout: string): string[] {
  return [...stdout.matchAll(/loss: (\d+\.\d{3})/g)].map((match) => match[1]!);
}

/** Root of the summed squares of differences. */
function distance(a: ReadonlyMap<string, NdArray>, b: ReadonlyMap<string, NdArray>, names: readonly string[]): number {
  let sum = 0;
  for (const name of names) {
    for (const [at, value] of a.get(name)!.data.entries()) sum += (Number(value) - Number(b.get(name)!.data[at])) ** 2;
  }
  return Math.sqrt(sum);
}

t.test('two ranks evaluate as one', { skip: notRun }, async (t) => {
  const folder = t.testdir();
  const street = join(packageRoot, 'fixtures', 'eval', 'street');
  const root = join(packageRoot, 'fixtures', 'street');
  const args = ['val', '--config', join(street, 'segnext_street.yml'), '--model_path'];
  const more = [join(street, 'segnext_street.pdparams'), '--opts', `val_dataset.dataset_root=${root}`, '--json'];
  const alone = await tipcheck([...args, ...more, 'alone.json'], folder);
  const together = await tipcheck(['launch', '--nproc', '2', ...args, ...more, 'together.json'], folder);
  t.equal(alone.exitCode, 0, alone.stderr);
  t.equal(together.exitCode, 0, together.stderr);
  const [one, two] = await Promise.all(
    ['alone.json', 'together.json'].map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))),
  );
  t.equal(
    two.engine.details.threads,
    String(Math.max(1, Math.floor(availableParallelism() / 2))),
    'its share of cores',
  );
  const apart = { seconds: 0, peakRssMb: 0, engine: null };
  t.same({ ...two, ...apart }, { ...one, ...apart });
});

t.test('what is wrong is said once, with its own exit code', { skip: notRun }, async (t) => {
  const folder = t.testdir();
  const config = await writeSmallConfig(folder, (text) => `${text}\nnobody: 1\n`);
  const { exitCode, stderr } = await tipcheck(['launch', '--nproc', '2', 'train', '--config', config], folder);
  t.equal(exitCode, 2, stderr);
  t.match(stderr, /nothing reads the key nobody/);
  t.equal(stderr.trim().split('\n').length, 1, stderr);
});

t.test('ranks that do different things are told so', { skip: notRun }, async (t) => {
  const folder = t.testdir();
  const config = await writeSmallConfig(folder);
  // A seed of its own on each rank, by the shell.
  const cli = join(packageRoot, 'cli', 'tipcheck.mjs');
  const script = `exec "${process.execPath}" "${cli}" train --config "${config}" --iters 1 --seed $OMPI_COMM_WORLD_RANK`;
  const root = process.getuid?.() === 0 ? ['--allow-run-as-root'] : [];
  const { execa } = await import('execa');
  const { exitCode, stderr } = await execa('mpirun', ['-n', '2', '--bind-to', 'none', ...root, 'sh', '-c', script], {
    cwd: folder,
    reject: false,
    env: { TIPCHECK_SKIP_ENSURE: '1' },
  });
  t.equal(exitCode, 2, stderr);
  t.match(stderr, 'Cannot start 2 ranks: the training is not the same on all of them');
});

t.test('a rank that dies ends the others within seconds, and is named', { skip: notRun }, async (t) => {
  const folder = t.testdir();
  const config = await writeSmallConfig(folder);
  const args = ['train', '--config', config, '--port', 'ort', '--iters', '100000', '--log_iters', '1'];
  const running = tipcheck(['launch', '--nproc', '2', ...args], folder);
  let said = '';
  running.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  for (let waited = 0; !said.includes('[TRAIN]') && waited < 60_000; waited += 50) await sleep(50);
  t.match(said, '[TRAIN]');
  const victim = findRank(1, config);
  t.ok(victim > 0);
  process.kill(victim, 'SIGKILL');
  const killedAt = performance.now();
  const { exitCode, stderr } = await running;
  const seconds = (performance.now() - killedAt) / 1000;
  t.ok(seconds < 20, `it ended after ${seconds.toFixed(1)} s`);
  t.not(exitCode, 0);
  t.match(stderr, 'Cannot go on: rank 1 was ended by signal 9; the other ranks were ended');
});

t.test('a rank that waits long for another leaves its core to others', { skip: notRun }, async (t) => {
  const module = pathToFileURL(join(packageRoot, 'dist', 'pipeline', 'ranks', 'join-ranks.js')).href;
  const program = `
    const ranks = await (await import('${module}')).joinRanks(0);
    const values = Float32Array.of(ranks.rank + 1);
    ranks.sum(values);
    if (ranks.rank === 1) await new Promise((resolve) => setTimeout(resolve, 2000));
    const [usage, startedAt] = [process.cpuUsage(), performance.now()];
    ranks.sum(values);
    const { user, system } = process.cpuUsage(usage);
    const waitedMs = performance.now() - startedAt;
    if (ranks.rank === 0) console.log(JSON.stringify({ waitedMs, cpuMs: (user + system) / 1000, sum: values[0] }));
    ranks.close();`;
  const args = [...mpirunOptions(2), process.execPath, '--input-type=module', '--eval', program];
  const { waitedMs, cpuMs, sum } = JSON.parse(execFileSync('mpirun', args, { encoding: 'utf8' }));
  t.equal(sum, 6);
  t.ok(waitedMs >= 1000, `it waited ${waitedMs} ms`);
  t.ok(cpuMs <= 0.2 * waitedMs, `and took ${cpuMs} ms of a core`);
});

t.test('each rank sees the GPU that --gpus names for it', async (t) => {
  for (const [rank, gpu] of ['4', '6'].entries()) {
    const environment: NodeJS.ProcessEnv = { TIPCHECK_GPUS: '4,6', CUDA_VISIBLE_DEVICES: '6,4' };
    chooseGpu(environment, rank);
    t.equal(environment.CUDA_VISIBLE_DEVICES, gpu);
  }
  const open: NodeJS.ProcessEnv = { TIPCHECK_GPUS: '4,6' };
  chooseGpu(open, 1);
  t.equal(open.CUDA_VISIBLE_DEVICES, '6');
  const hidden: NodeJS.ProcessEnv = { TIPCHECK_GPUS: '0,1', CUDA_VISIBLE_DEVICES: '2,3' };
  t.throws(() => chooseGpu(hidden, 1), {
    message: /^Cannot run rank 1 on GPU 1: CUDA_VISIBLE_DEVICES is '2,3', which hides it; .+ Fix: --gpus 2,3$/,
  });
  const untold: NodeJS.ProcessEnv = { CUDA_VISIBLE_DEVICES: '0,1' };
  chooseGpu(untold, 1);
  t.equal(untold.CUDA_VISIBLE_DEVICES, '0,1');
});

t.test('GPUs that are named and not there are an error, never the processor', { skip: notRun }, async (t) => {
  if (findGpu().found) return void t.comment('not run: this machine has a GPU');
  const folder = t.testdir();
  const config = await writeSmallConfig(folder);
  const args = ['train', '--config', config, '--port', 'ort', '--iters', '1'];
  const { exitCode, stderr } = await tipcheck(['launch', '--nproc', '2', '--gpus', '0,1', ...args], folder);
  t.equal(exitCode, 3, stderr);
  t.match(stderr, /^Cannot use the device gpu: .*; an NVIDIA GPU with its driver is wanted\./m);
  const one = await tipcheck(['launch', '--nproc', '2', '--gpus', '0', ...args], folder);
  t.equal(one.exitCode, 2, one.stderr);
  t.match(one.stderr, 'Cannot launch 2 ranks on GPUs 0: there are 1; one for each rank is wanted');
});

t.test('the first rank ends training early for all', { skip: notRun }, async (t) => {
  const folder = t.testdir();
  // Steps so large that an evaluation soon is worse than one before it, and not so large that the weights become NaN.
  const config = await writeSmallConfig(folder, (text) =>
    text.replace('learning_rate: 1.0e-3', 'learning_rate: 1.0e+0'),
  );
  const args = ['train', '--config', config, '--port', 'ort', '--iters', '40', '--save_interval', '1', '--do_eval'];
  const { exitCode, stdout, stderr } = await tipcheck(
    ['launch', '--nproc', '2', ...args, '--early_stop_intervals', '1'],
    folder,
  );
  t.equal(exitCode, 0, stderr);
  t.match(stdout, /Early stopping at iter \d+\. The best mean IoU is 0\.\d{4}\./);
});

t.test("Paddle's own way to launch is translated", async (t) => {
  const folder = t.testdir();
  const { exitCode, stderr } = await tipcheck(
    ['launch', '--nproc', '2', 'paddle.distributed.launch', 'tools/train.py'],
    folder,
  );
  t.equal(exitCode, 2);
  t.match(stderr, 'Fix: npx tipcheck launch --nproc 2 train --config <yml>');
});

function findMpirun(): boolean {
  try {
    execFileSync('mpirun', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** The process of a rank, by its environment; Linux alone has it so. */
function findRank(rank: number, config: string): number {
  const listed = execFileSync('pgrep', ['-f', config], { encoding: 'utf8' }).trim().split('\n').map(Number);
  const found = listed.find((pid) => {
    try {
      const environment = execFileSync('cat', [`/proc/${pid}/environ`], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return environment.split('\0').includes(`OMPI_COMM_WORLD_RANK=${rank}`);
    } catch (error) {
      if (error instanceof Error && 'status' in error) return false;
      throw error;
    }
  });
  return found ?? 0;
}
