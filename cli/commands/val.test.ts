import { CommanderError } from 'commander';
import t from 'tap';
import { UserError } from '../../harness/support/errors.js';
import { Program } from '../program.js';
import { register } from './val.js';

/** What each flag is given here. */
const typed: Readonly<Record<string, readonly string[]>> = {
  '--config': ['other.yml'],
  '--model_path': ['other.pdparams'],
  '--port': ['ort'],
  '--device': ['cpu'],
  '--num_workers': ['1'],
  '--aug_eval': [],
  '--scales': ['1'],
  '--flip_horizontal': [],
  '--flip_vertical': [],
  '--is_slide': [],
  '--crop_size': ['64', '64'],
  '--stride': ['64', '64'],
  '--opts': ['a=1'],
  '--bases': ['random'],
  '--repeats': ['2'],
  '--absent': ['1'],
  '--save_dir': ['kept'],
  '--resume': [],
  '--json': ['found.json'],
  '--golden': ['nowhere'],
  '--report': ['report'],
  '--table': ['nowhere'],
  '--data': ['data'],
  '--mirror': ['https://mirror.invalid'],
  '--data_format': ['NCHW'],
};

const pictures = ['--aug_eval', '--scales', '--flip_horizontal', '--flip_vertical', '--is_slide', '--crop_size'];
const ofBoth = ['--port', '--device', '--num_workers', '--opts', '--bases', '--save_dir', '--resume', '--json'];

/** What is evaluated, of something that is not there, and each flag that has a meaning beside it. */
const evaluations: Readonly<Record<string, { argv: readonly string[]; takes: readonly string[]; ends: RegExp }>> = {
  weights: {
    argv: ['--config', 'nowhere.yml', '--model_path', 'nowhere.pdparams'],
    takes: ['--config', '--model_path', ...ofBoth, ...pictures, '--stride', '--repeats', '--absent'],
    ends: /--config: .* Fix: --(golden|table) in place of --config$/,
  },
  golden: {
    argv: ['--golden', 'nowhere'],
    takes: ['--golden', '--port', '--device', '--report'],
    ends: /--golden: the golden says what is evaluated; a command without it is wanted$/,
  },
  table: {
    argv: ['--table', 'nowhere'],
    takes: ['--table', ...ofBoth, '--data', '--mirror'],
    ends: /--table: the published table says what is evaluated; a command without it is wanted$/,
  },
};

/** The sentence with which `val` ends. */
async function endOf(argv: readonly string[]): Promise<string> {
  const program = new Program().exitOverride();
  register(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
  try {
    await program.run(['val', ...argv]);
  } catch (error) {
    if (error instanceof UserError || error instanceof CommanderError) return error.message;
    throw error;
  }
  throw new Error(`val ${argv.join(' ')} ended well`);
}

t.test('each flag of val is typed here', async (t) => {
  const program = new Program();
  register(program);
  t.strictSame(program.commands[0]!.options.map(({ long }) => long).sort(), Object.keys(typed).sort());
});

for (const [what, { argv, takes, ends }] of Object.entries(evaluations))
  t.test(`val of ${what} refuses each flag that it does not read, and no other`, async (t) => {
    for (const [flag, values] of Object.entries(typed)) {
      // What is evaluated is chosen by these two.
      if (what !== 'table' && (flag === '--table' || (flag === '--golden' && what === 'weights'))) continue;
      const end = await endOf([...argv, flag, ...values]);
      const refusal = `Cannot use ${flag} with `;
      if (takes.includes(flag) || flag === '--data_format') t.notOk(end.startsWith(refusal), `${flag}: ${end}`);
      else {
        t.ok(end.startsWith(refusal), `${flag}: ${end}`);
        t.match(end, ends);
      }
    }
  });
