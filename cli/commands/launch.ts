import { InvalidArgumentError } from 'commander';
import { UserError } from '../../harness/support/errors.js';
import { wholeNumber } from '../options/numbers.js';
import type { Program } from '../program.js';

interface LaunchOptions {
  readonly nproc: number;
  readonly gpus?: readonly string[];
}

/** Commands that know ranks. */
const launched = ['train', 'val'];

export function register(program: Program): void {
  program
    .command('launch')
    .helpGroup("PaddleSeg's tools:")
    .summary('run train or val in several processes')
    .description(
      'Starts ranks of a command under Open MPI (mpirun), for example: tipcheck launch --nproc 2 train --config my.yml. Exit code: that of the first rank that fails.',
    )
    .requiredOption('--nproc <n>', 'how many ranks', wholeNumber(1, 4))
    .option('--gpus <list>', "each rank's GPU: 0,1,2,3", parseGpus)
    .argument('<command...>', 'train or val with its options')
    .passThroughOptions()
    .allowUnknownOption()
    .endsWith(async (command: readonly string[], { nproc, gpus }: LaunchOptions) => {
      validateCommand(command);
      const { launchRanks } = await import('../../pipeline/tools/launch.js');
      return launchRanks(command, nproc, gpus ?? null);
    });
}

function validateCommand([name, ...rest]: readonly string[]): void {
  if (name !== undefined && launched.includes(name)) return;
  const translated =
    name === '-m' || name === 'paddle.distributed.launch' || rest.includes('paddle.distributed.launch');
  throw new UserError(
    `Cannot launch ${name ?? 'nothing'}: ${translated ? 'that is the way of Paddle' : 'it knows no ranks'}; one of ${launched.join(', ')} is wanted. Fix: npx tipcheck launch --nproc 2 train --config <yml> …, where PaddleSeg has python -m paddle.distributed.launch tools/train.py --config <yml> …`,
  );
}

function parseGpus(text: string): string[] {
  if (/^\d+(,\d+)*$/.test(text)) return text.split(',');
  throw new InvalidArgumentError('Numbers of GPUs with commas between them are wanted, for example 0,1,2,3.');
}
