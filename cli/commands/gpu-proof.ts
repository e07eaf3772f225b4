import { defaultPorts } from '../../harness/hosts/read-ports.js';
import { prove } from '../../scripts/gpu-proof/prove.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('gpu-proof')
    .helpGroup('Set up:')
    .summary('judge the ports on the CPU and on a card, stage by stage, with one table at the end')
    .description(
      'Runs doctor, inference, training and evaluations on the CPU and on the card, each case of the card twice, and TF32, which must be red. Each stage leaves its result, whatever the next ones do. Exit codes: 0 all is as wanted, 1 something is not, 3 something could not run, as where there is no card.',
    )
    .option('--port <names...>', 'the ports', [...defaultPorts])
    .option('--rehearse', 'small bundles, and the CPU in place of the card')
    .option('--out <folder>', 'where the results are written', 'reports/gpu-proof')
    .endsWith(({ port, rehearse, out }: { port: readonly string[]; rehearse?: boolean; out: string }) =>
      prove({ ports: port, rehearsal: rehearse === true, folder: out }),
    );
}
