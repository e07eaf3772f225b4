import { type Command, Option } from 'commander';
import type { Device } from '../../harness/contract/device.js';
import { slowPorts } from '../../harness/hosts/read-ports.js';
import { onnxEngines } from '../../harness/setup/read-onnx-engines.js';
import { UserError } from '../../harness/support/errors.js';
import { createProgress } from '../../harness/support/progress.js';
import { preparablePorts, prepare, prepareEngine } from '../../scripts/prepare.js';
import type { PrepareModeOptions } from '../../tipc/prepare/prepare-options.js';
import { parseMode, tipcModes } from '../../tipc/text/modes.js';
import { deviceOption } from '../options/device.js';
import { group, refuseBeside } from '../options/group.js';
import type { Program } from '../program.js';

interface PrepareOptions extends PrepareModeOptions {
  readonly port: string;
  readonly slow?: boolean;
  readonly engine?: string;
  readonly device: Device;
  readonly cuda: 'auto' | '12' | '13';
}

const engineFlags = group(
  { mode: "it is of the engines' set-up; a command without it is wanted" },
  new Option('--port <port>', 'the port to prepare')
    .choices([...preparablePorts.map(({ name }) => name), 'all'])
    .default('all'),
  new Option('--slow', 'only ports whose set-up takes minutes').conflicts('port'),
  new Option('--engine <engine>', 'one that runs ONNX files, for judge --engine')
    .choices(onnxEngines.map(({ name }) => name))
    .conflicts(['port', 'slow']),
  deviceOption,
  new Option(
    '--cuda <set>',
    "CUDA's libraries for the gpu: of CUDA 12 or 13, or the newest that the driver knows; named, they are fetched on a machine without a GPU, too",
  )
    .choices(['auto', '12', '13'])
    .default('auto'),
);

const modeFlags = group(
  { engines: 'it is of a file and a mode; both are wanted before it' },
  new Option(
    '--data <folder>',
    "the data set, where the ymls' own folder does not exist; else the shipped street scenes",
  ),
  new Option('--pretrained <none_or_file>', 'none, or weights in place of those that the yml names'),
  new Option('--mirror <address>', 'a copy of the server of released weights'),
);

export function register(program: Program): void {
  program
    .command('prepare')
    .helpGroup('Set up:')
    .summary("fetch and build what the engines need, or a TIPC mode's weights, into the cache")
    .description(
      `With a TIPC text file and a mode: gets that mode's weights and looks at its data. Without: fetches and builds what the engines need beyond npm, into $XDG_CACHE_HOME/tipcheck (~/.cache/tipcheck). Quick when it is done already. On the CPU only ${slowPorts.join(' and ')} needs Python and a compiler. Exit codes: 0 ready, 2 bad usage, 3 something is missing, and the message says what.`,
    )
    .argument('[file]', 'a TIPC text file, as those under configs/tipc')
    .argument('[mode]', "a mode of TIPC's: the weights and data that its steps read, and the engines of all ports")
    .addGroup(engineFlags)
    .addGroup(modeFlags)
    .endsWith(async (file: string | undefined, mode: string | undefined, options: PrepareOptions, command: Command) => {
      const { port, slow, engine, device, cuda, ...rest } = options;
      if (file !== undefined) {
        refuseBeside(engineFlags, command, 'mode', 'with a TIPC file');
        await prepareFile(file, mode, rest);
        return 0;
      }
      refuseBeside(modeFlags, command, 'engines', 'without a TIPC file');
      if (engine !== undefined) {
        await prepareEngine(engine, createProgress());
        return 0;
      }
      const asked = preparablePorts.filter((one) => (slow === true ? one.slow : port === 'all' || port === one.name));
      await prepare(asked, { device, cuda: cuda === 'auto' ? cuda : (Number(cuda) as 12 | 13) }, createProgress());
      return 0;
    });
}

async function prepareFile(file: string, mode: string | undefined, options: PrepareModeOptions): Promise<void> {
  if (mode === undefined)
    throw new UserError(`Cannot prepare ${file}: no mode is given; one is wanted, for example whole_infer`);
  const { prepareMode } = await import('../../tipc/prepare/prepare-mode.js');
  await prepareMode(file, mode, options);
  if (tipcModes.includes(parseMode(mode)))
    await prepare(preparablePorts, { device: 'auto', cuda: 'auto' }, createProgress());
}
