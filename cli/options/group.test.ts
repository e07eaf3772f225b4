import { Option } from 'commander';
import t from 'tap';
import { Program } from '../program.js';
import { group, refuseBeside } from './group.js';

const flags = [
  ...group({ file: 'a file has its own; none is wanted' }, new Option('--size <n>').default('1')),
  ...group({ file: null }, new Option('--quiet')),
];

async function run(t: { pass(): void }, argv: readonly string[]): Promise<void> {
  const program = new Program();
  const act = (_options: object, command: Program) => {
    refuseBeside(flags, command, 'file', 'with a file');
    t.pass();
    return Promise.resolve(0);
  };
  program.command('show').addGroup(flags).endsWith(act);
  await program.run(['show', ...argv]);
}

t.test('a flag of a group is refused beside what it cannot stand by, and says why', async (t) => {
  await t.rejects(run(t, ['--size', '2']), {
    name: 'UserError',
    message: 'Cannot use --size with a file: a file has its own; none is wanted',
  });
  await t.rejects(run(t, ['--quiet', '--size', '1']), { name: 'UserError' }, 'a default that is typed is given');
});

t.test('a default that nobody typed, and a flag that can stand there, are not refused', async (t) => {
  t.plan(2);
  await run(t, []);
  await run(t, ['--quiet']);
});
