import t from 'tap';
import { nameFolders } from './name-folders.js';

t.test('ports whose paths differ in what a name cannot hold have a folder each', async (t) => {
  t.strictSame(nameFolders(['ort', 'a/b.mjs', 'a b.mjs', 'A/b.mjs', 'a_b.mjs-2']), [
    'ort',
    'a_b.mjs',
    'a_b.mjs-2',
    'A_b.mjs-3',
    'a_b.mjs-2-2',
  ]);
});

t.test('no port is called as a folder above', async (t) => {
  t.strictSame(nameFolders(['..', '.', '../x']), ['_', '_-2', '.._x']);
});
