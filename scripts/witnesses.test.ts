import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';
import { mergeWitnesses, renderWitnesses, type Witness } from './witnesses.js';

const read = (file: string) => readFileSync(join(packageRoot, 'docs', file), 'utf8');
const witnesses: Witness[] = JSON.parse(read('witnesses.json'));

t.test('the table of docs/witnesses.md is that of docs/witnesses.json', async (t) => {
  t.ok(witnesses.length > 9, `${witnesses.length} witnesses`);
  t.ok(read('witnesses.md').includes(renderWitnesses(witnesses)));
});

t.test(
  'every program and every file of the table is an example of docs/examples, or its page says what made it',
  (t) => {
    const page = read('witnesses.md');
    for (const { command } of witnesses) {
      const [, program] = /exec:\S+ ([^"]+)"/.exec(command) ?? [];
      const [file] = /\S+\.onnx/.exec(command) ?? [];
      if (program !== undefined) t.ok(readFileSync(join(packageRoot, program), 'utf8').length > 0, program);
      if (file !== undefined) t.match(page, new RegExp(`python3? docs/examples/\\w+\\.py .*${file}`), file);
    }
    t.end();
  },
);

t.test('a witness of a known command takes the place of its row, and another one is the last', async (t) => {
  const [first, second] = witnesses as [Witness, Witness];
  const again = { ...first, accumulated: 7 };
  const fresh = { ...first, command: 'another segnext-t' };
  t.strictSame(mergeWitnesses([first, second], [again, fresh]), [again, second, fresh]);
});
