import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../harness/support/package-root.js';
import { isShippedFile, type RunPlace } from './run-place.js';

t.test('a file of the package is shipped to who starts elsewhere, and the own one of who works in it', async (t) => {
  const path = join(packageRoot, 'configs', 'tipc', 'segnext', 'train_infer_python.txt');
  const from = (start: string) => isShippedFile({ start } as RunPlace, path);
  t.equal(from('/elsewhere'), true);
  t.equal(from(`${packageRoot}-other`), true);
  t.equal(from(packageRoot), false);
  t.equal(from(join(packageRoot, 'reports')), false);
});
