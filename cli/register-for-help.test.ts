import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import t from 'tap';
import { registerForHelp } from './register-for-help.js';

t.test('help is made of what commands said, until a file of theirs changes', async (t) => {
  const folder = join(t.testdir({ commands: {} }), 'commands');
  const write = (name: string, text: string) => writeFileSync(join(folder, `${name}.js`), text);
  write('one', '1');
  write('one.test', 'no command');
  let loaded: string[] = [];
  const load = async (names: readonly string[]): Promise<Command> => {
    loaded = [...names];
    const program = new Command();
    for (const name of names)
      program
        .command(name)
        .helpGroup('Some:')
        .summary(`says ${name}`)
        .argument('<file>')
        .argument('[mode...]')
        .option('--x');
    return program;
  };
  const help = async (): Promise<string> => {
    loaded = [];
    const program = new Command('tipcheck').helpCommand(false);
    await registerForHelp(program, folder, load);
    return program.helpInformation();
  };
  const real = (await load(['one'])).name('tipcheck').helpCommand(false).helpInformation();
  t.equal(await help(), real, 'as if it had been loaded');
  t.strictSame(loaded, ['one']);
  t.equal(await help(), real);
  t.strictSame(loaded, [], 'and the second time nothing is');
  write('one', '2');
  await help();
  t.strictSame(loaded, ['one'], 'a changed file is');
  write('two', '1');
  t.match(await help(), 'says two');
  t.strictSame(loaded, ['one', 'two'], 'and a new one');
  writeFileSync(join(folder, '..', 'command-summaries.json'), '{"of": ');
  t.match(await help(), 'says two');
  t.strictSame(loaded, ['one', 'two'], 'what is stored and broken is made again');
});
