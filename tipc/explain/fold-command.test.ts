import t from 'tap';
import { foldCommand } from './fold-command.js';

t.test(
  'a command is folded before options and redirections, and each line but the last ends in a backslash',
  async (t) => {
    const command =
      "python3.7 -m launch tools/train.py  --config y.yml --shape 1 3 64 64     --text='a b' > a.log 2>&1 ";
    t.strictSame(foldCommand(command, 30), [
      'python3.7 \\',
      '-m launch tools/train.py \\',
      '--config y.yml \\',
      '--shape 1 3 64 64 \\',
      "--text='a b' > a.log 2>&1",
    ]);
  },
);

t.test('a word longer than a line has a line of its own', async (t) => {
  t.strictSame(foldCommand(`a --b=${'c'.repeat(40)} --d`, 20), ['a \\', `--b=${'c'.repeat(40)} \\`, '--d']);
});
