import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { readWeightsFile } from '../harness/golden/weights-file.js';
import { packageRoot } from '../harness/support/package-root.js';
import { tipcheck, writeSmallConfig } from './tools-for-tests.js';

const notRun = findMpirun() ? false : 'not run: no mpirun (apt-get install openmpi-bin)';
if (notRun !== false) t.comment(notRun);

/** Without drops and augmentation: what a rank draws for itself would differ from what one process draws. */
const plain = (text: string): string =>
  text
    .replace('drop_path_rate: 0.1', 'drop_path_rate: 0.0')
    .replace('dropout_rate: 0.1', 'dropout_rate: 0.0')
    .replace('learning_rate: 1.0e-3', 'learning_rate: 1.0e-4');

for (const port of ['ort', 'tfjs']) {
  t.test(`${port}: two ranks train, the first logs and saves`, { skip: notRun }, async (t) => {
    const folder = t.testdir();
    const config = await writeSmallConfig(folder, plain);
    const args = ['train', '--config', config, '--port', port, '--iters', '3', '--log_iters', '1'];
    const { exitCode, stdout, stderr } = await tipcheck(['launch', '--nproc', '2', ...args], folder);
    t.equal(exitCode, 0, stderr);
    t.equal(stdout.match(/\[TRAIN\]/g)?.length, 3, stdout);
    t.match(stdout, '2 ranks, 4 images in an iteration');
    const weights = await readWeightsFile(join(folder, 'output', 'iter_3', 'model.pdparams'));
    t.equal(weights.size, 195);
  });
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
  t.same({ ...two, seconds: 0 }, { ...one, seconds: 0 });
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
