import { createHash } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import t, { type Test } from 'tap';
import { packageRoot } from '../../harness/support/package-root.js';
import { tipcheck } from '../../test/tools-for-tests.js';
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
    [['--input', '64'], /Height and width such as 64x128 are wanted/],
    [['--input', '0x64'], /Height and width such as 64x128 are wanted/],
    [['--seed', '4294967296'], /A whole number from 0, below 2\^32, is wanted/],
    [['--probes', 'some'], /Allowed choices are every, blocks/],
    [['--image', 'a.png', '--input', '64x64'], /cannot be used with/],
  ];
  for (const [argv, message] of wrong)
    await t.rejects(run([config, '--out', 'x', ...argv]), { message }, argv.join(' '));
  await t.rejects(run([config]), CommanderError, 'a folder is needed');
});

t.test('what the oracle says is made printable, line by line', async (t) => {
  const requirements = await readFile(join(packageRoot, 'oracle', 'requirements.txt'));
  const environment = `oracle-${createHash('sha256').update(requirements).digest('hex').slice(0, 12)}-py3.11`;
  const oracle = `#!/bin/sh
printf 'one\\033[2J\\ntwo'
printf 'Cannot use \\033]0;a name\\007\\n::error::b\\n' >&2
exit 2
`;
  const folder = t.testdir({
    bin: { python3: '#!/bin/sh\necho 3.11\n' },
    tipcheck: { oracle: { [environment]: { 'tipcheck-ready': '', bin: { python: oracle } } } },
  });
  const python = join(folder, 'tipcheck', 'oracle', environment, 'bin', 'python');
  for (const program of [python, join(folder, 'bin', 'python3')]) await chmod(program, 0o755);
  const { exitCode, stdout, stderr } = await tipcheck(['golden', config, '--out', 'new'], folder, {
    XDG_CACHE_HOME: folder,
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
  });
  t.equal(exitCode, 2, stderr);
  t.equal(stdout, 'one\\u001b[2J\ntwo');
  t.equal(stderr, 'Cannot use \\u001b]0;a name\\u0007\n\\u003a:error::b');
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
