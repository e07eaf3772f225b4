import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../harness/support/package-root.js';
import { formatFixed, numpyText, roundTo4 } from './numpy-text.js';

// What NumPy itself printed, and Python's format; NaN is null there.
const recorded: {
  readonly arrays: readonly { readonly values: readonly (number | null)[]; readonly text: string }[];
  readonly fixed: readonly (readonly [value: number, digits: number, text: string])[];
} = JSON.parse(await readFile(join(packageRoot, 'pipeline', 'evaluate', 'numpy-values-for-tests.json'), 'utf8'));

t.test('rounded arrays are printed as NumPy prints them', async (t) => {
  t.ok(recorded.arrays.length >= 30);
  for (const { values, text } of recorded.arrays)
    t.equal(numpyText(roundTo4(values.map((value) => value ?? Number.NaN))), text);
});

t.test('figures are rounded as Python rounds them, ties to even', async (t) => {
  for (const [value, digits, text] of recorded.fixed) t.equal(formatFixed(value, digits), text, `${value}`);
});
