import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';
import { renderWitnesses, type Witness } from './witnesses.js';

t.test('the table of docs/witnesses.md is that of docs/witnesses.json', async (t) => {
  const read = (file: string) => readFileSync(join(packageRoot, 'docs', file), 'utf8');
  const witnesses: Witness[] = JSON.parse(read('witnesses.json'));
  t.ok(witnesses.length > 6, `${witnesses.length} witnesses`);
  t.ok(read('witnesses.md').includes(renderWitnesses(witnesses)));
});
