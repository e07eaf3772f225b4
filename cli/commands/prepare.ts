import { type Command, Option } from 'commander';
import type { Device } from '../../harness/hosts/port-contract.js';
import { createProgress } from '../../scripts/native/progress.js';
import { type PreparablePort, preparablePorts, prepare } from '../../scripts/prepare.js';
import { deviceOption } from '../options.js';

interface PrepareOptions {
  readonly port: PreparablePort | 'all';
  readonly device: Device;
}

export function register(program: Command): void {
  program
    .command('prepare')
    .helpGroup('Set up:')
    .summary('fetch and build what the engines need, into the cache')
    .description(
      'Fetches and builds what the engines need beyond npm, into $XDG_CACHE_HOME/tipcheck (~/.cache/tipcheck). Quick when it is done already. The port ort needs neither Python nor a compiler on the CPU. Exit codes: 0 ready, 2 bad usage, 3 something is missing, and the message says what.',
    )
    .addOption(new Option('--port <port>', 'the port to prepare').choices([...preparablePorts, 'all']).default('all'))
    .addOption(deviceOption())
    .action(async ({ port, device }: PrepareOptions) => {
      await prepare(port === 'all' ? preparablePorts : [port], device, createProgress(process.stderr));
    });
}
