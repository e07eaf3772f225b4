import { type NdArray, sameShape } from '../contract/nd-array.js';
import { parseNpy } from '../golden/npy.js';
import { parseNpz } from '../golden/npz.js';
import { type Closeness, measureCloseness } from '../metrics/array-closeness.js';
import type { Comparison } from '../support/comparison.js';
import { UserError } from '../support/errors.js';
import { whyUnread } from '../support/explain-system.js';
import { readPlain } from '../support/plain-file.js';
import { renderTable } from '../support/table.js';

/** One array of two files, or what one of them lacks. */
interface ComparedArray extends Closeness {
  /** Its key in an .npz; empty for an .npy. */
  readonly name: string;
  readonly fault: string | null;
}

/** Two .npy, or the arrays of two .npz by their keys. */
export async function compareArrays(
  actualPath: string,
  expectedPath: string,
  atol: number,
  rtol: number,
): Promise<Comparison> {
  const [actual, expected] = [await readArrays(actualPath), await readArrays(expectedPath)];
  const names = [...new Set([...actual.keys(), ...expected.keys()])];
  if (names.length === 0)
    throw new UserError(`Cannot compare ${actualPath} with ${expectedPath}: neither holds an array; one is wanted`);
  const arrays = names.map((name) => compareOne(name, actual.get(name), expected.get(name), atol, rtol));
  if (arrays.every(({ compared, fault }) => compared === 0 && fault === null))
    throw new UserError(
      `Cannot compare ${actualPath} with ${expectedPath}: their arrays are empty; at least one element is wanted`,
    );
  const bad = arrays.filter(({ fault, different }) => fault !== null || different > 0);
  const elements = arrays.reduce((sum, { compared }) => sum + compared, 0);
  const summary = `${arrays.length - bad.length} of ${arrays.length} arrays agree, ${elements} elements compared (atol ${atol}, rtol ${rtol})`;
  return {
    verdict: bad.length === 0 ? 'agree' : 'differ',
    text: `${bad.length === 0 ? '' : `${renderTable([head, ...bad.map(rowOf)], [1, 2])}\n`}${bad.length === 0 ? 'pass' : 'fail'}  ${summary}\n`,
    json: { kind: 'arrays', actual: actualPath, expected: expectedPath, atol, rtol, arrays },
  };
}

const head = ['array', 'different', 'largest', 'worst place'];

function rowOf({ name, fault, different, compared, maxAbsError, worst }: ComparedArray): string[] {
  const shown = name === '' ? '(the array)' : name;
  if (fault !== null) return [shown, '–', '–', fault];
  const place = worst === null ? '–' : `[${worst.index.join(', ')}] is ${worst.actual}; ${worst.expected} is wanted`;
  return [shown, `${different} of ${compared}`, maxAbsError.toPrecision(3), place];
}

function compareOne(
  name: string,
  actual: NdArray | undefined,
  expected: NdArray | undefined,
  atol: number,
  rtol: number,
): ComparedArray {
  const none = { name, compared: 0, different: 0, maxAbsError: 0, worst: null };
  if (actual === undefined) return { ...none, fault: 'the first file lacks it' };
  if (expected === undefined) return { ...none, fault: 'the second file lacks it' };
  if (!sameShape(actual.shape, expected.shape))
    return { ...none, fault: `its shape is [${actual.shape.join(', ')}]; [${expected.shape.join(', ')}] is wanted` };
  return { name, fault: null, ...measureCloseness(actual, expected, atol, rtol) };
}

async function readArrays(path: string): Promise<ReadonlyMap<string, NdArray>> {
  const bytes = await readPlain(path).catch((error: unknown) => {
    throw new UserError(`Cannot compare ${path}: ${whyUnread(error, path)}; an .npy or .npz file is wanted`);
  });
  if (!path.endsWith('.npz')) return new Map([['', parseNpy(bytes, path, 'any')]]);
  const npz = parseNpz(bytes, path, 'any');
  return new Map(npz.keys.map((key) => [key, npz.read(key)]));
}
