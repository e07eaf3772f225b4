import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../harness/support/package-root.js';
import { register as registerJudge } from '../commands/judge.js';
import { register as registerTest } from '../commands/test.js';
import { Program } from '../program.js';

const suite = join(packageRoot, 'configs', 'tipc', 'segnext', 'train_infer_python.txt');

/** Each would end, were its bundles read first, with a sentence about the bundle or about the port. */
const commands = [
  { register: registerJudge, argv: ['judge', 'ort', 'nowhere'] },
  { register: registerTest, argv: ['test', suite, 'lite_infer', '--port', 'nowhere'] },
];

t.test('what flags name is read before any bundle, so that what cannot be used costs nothing', async (t) => {
  const folder = t.testdir();
  for (const { register, argv } of commands)
    for (const [flag, sentence] of [
      ['--baseline', /^Cannot read the run .*nothing: /],
      ['--waivers', /^Cannot read the waivers .*nothing: /],
    ] as const) {
      const program = new Program();
      register(program);
      await t.rejects(program.run([...argv, flag, join(folder, 'nothing')]), { message: sentence });
    }
});
