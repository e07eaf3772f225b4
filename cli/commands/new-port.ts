import { portLanguages, writePort } from '../../harness/hosts/write-port.js';
import { out, outLines } from '../../harness/support/console.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('new-port')
    .helpGroup('Your port, your weights:')
    .summary('write a port to fill in: it speaks the protocol, and fails at its first layer')
    .description(
      'Writes a port to be filled in, with all that speaks to tipcheck. It runs as it is, and fails at its first layer. Nothing that exists is replaced. Exit codes: 0 written, 2 bad usage or input.',
    )
    .argument('<language>', portLanguages)
    .argument('<folder>', 'a folder that is not there yet, or empty')
    .endsWith(async (language: string, folder: string) => {
      outLines(writePort(language, folder, out));
      return 0;
    });
}
