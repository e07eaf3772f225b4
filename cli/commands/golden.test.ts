import { join } from 'node:path';
import { CommanderError } from 'commander';
import t, { type Test } from 'tap';
import { packageRoot } from '../../harness/support/package-root.js';
import { Program } from '../program.js';
import { register } from './golden.js';

const config = join(packageRoot, 'configs', 'segnext', 'segnext_mscan_t_cityscapes_1024x1024_160k.yml');

t.test('what is wrong with the input is said before any environment is made', async (t) => {
  const folder = t.testdir({ full: { 'case.json': '{}' }, 'none.yml': 'iters: 1\n' });
  const out = join(folder, 'new');
  await refuses(
    t,
    [join(folder, 'absent.yml'), '--out', out],
    `Cannot read the model config ${join(folder, 'absent.yml')}: there is no such file; a PaddleSeg yml is wanted`,
  );
  await refuses(
    t,
    [join(folder, 'none.yml'), '--out', out],
    `Cannot use ${join(folder, 'none.yml')}: it has no mapping \`model\`; a PaddleSeg model config with a model section is wanted`,
  );
  await refuses(
    t,
    [config, '--weights', 'absent.pdparams', '--out', out],
    'Cannot use --weights absent.pdparams: there is no such file; an existing one is wanted',
  );
  await refuses(
    t,
    [config, '--image', folder, '--out', out],
    `Cannot use --image ${folder}: there is no such file; an existing one is wanted`,
  );
  await refuses(
    t,
    [config, '--out', join(folder, 'full')],
    `Cannot make a bundle in ${join(folder, 'full')}: it is there already. Fix: another --out, or --force`,
  );
});

t.test('sizes, seeds and choices are checked on the command line', async (t) => {
  const wrong: [argv: string[], message: RegExp][] = [
    [['--input', '64'], /height and width such as 64x128 are wanted/],
    [['--input', '0x64'], /height and width such as 64x128 are wanted/],
    [['--seed', '4294967296'], /a whole number from 0, below 2\^32, is wanted/],
    [['--probes', 'some'], /Allowed choices are every, blocks/],
    [['--image', 'a.png', '--input', '64x64'], /cannot be used with/],
  ];
  for (const [argv, message] of wrong)
    await t.rejects(run([config, '--out', 'x', ...argv]), { message }, argv.join(' '));
  await t.rejects(run([config]), CommanderError, 'a folder is needed');
});

async function refuses(t: Test, argv: string[], message: string): Promise<void> {
  await t.rejects(run(argv), { name: 'UserError', message });
}

async function run(argv: string[]): Promise<void> {
  const program = new Program().exitOverride().configureOutput({ writeErr: () => undefined });
  register(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.run(['golden', ...argv]);
}
