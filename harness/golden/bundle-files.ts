import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { type NdArray, sameShape } from '../contract/nd-array.js';
import { budgets, overBudget } from '../support/budgets.js';
import { cannot, codeOf, UserError } from '../support/errors.js';
import { whyUnread } from '../support/explain-system.js';
import { refuseLfsPointer } from '../support/lfs-pointer.js';
import { leaves, openInside, UnfitFile } from '../support/open-inside.js';
import type { ArrayReference } from './case-file.js';
import { validateFinite } from './finite.js';
import { parseNpy } from './npy.js';
import { type NpyHeader, parseNpyHeader } from './npy-header.js';
import { type Npz, parseNpz } from './npz.js';
import type { StoredCode } from './stored-elements.js';

/** The files of a bundle, each read once, inside the folder, and of the hash that case.json gives. */
export interface BundleFiles {
  /** A listed file's bytes. `field` is where case.json names it. */
  bytes(file: string, field: string): Uint8Array;
  /**
   * An array, checked against what is wanted before it is unpacked, all of it finite. The same reference gives the same
   * array.
   */
  array(reference: ArrayReference, field: string, wanted: WantedArray): NdArray;
  /** Counts an array that `field` names once more. Throws a UserError above the budget of all that do. */
  reuse(data: NdArray['data'], field: string): void;
}

export interface WantedArray {
  readonly dtypes: readonly StoredCode[];
  /** Absent: any shape. A function returns what is wanted instead, or null where the shape is right. */
  readonly shape?: readonly number[] | ((shape: readonly number[]) => string | null);
}

/**
 * Reads every file that `sha256` lists. Files that it does not list are never read.
 * @param folder the bundle's folder, as the user gave it
 * @throws UserError for a path that leaves the folder (by `..`, absolutely, or through a link), a missing file, a wrong
 *   hash
 */
export async function readBundleFiles(folder: string, sha256: Readonly<Record<string, string>>): Promise<BundleFiles> {
  const contents = new Map<string, Uint8Array>();
  for (const [file, hash] of Object.entries(sha256)) {
    const field = `sha256["${file}"]`;
    contents.set(normalName(folder, file, field), await readListed(folder, file, field, hash));
  }
  const opened = new Map<string, Npz>();
  const bytes = (file: string, field: string): Uint8Array => {
    const found = contents.get(normalName(folder, file, field));
    if (found !== undefined) return found;
    throw cannot(
      'read',
      caseOf(folder),
      `${field} refers to ${file}, which sha256 does not list`,
      'a listed file is wanted',
    );
  };
  const npz = (file: string, field: string): Npz => {
    const name = normalName(folder, file, field);
    const known = opened.get(name) ?? parseNpz(bytes(file, field), `bundle ${folder}, ${file}`, 'input');
    opened.set(name, known);
    return known;
  };
  /** Where an array lies, its header read and nothing more. */
  const open = ({ file, key }: ArrayReference, field: string): StoredArray => {
    const fail = (is: string, wanted: string) => cannot('read', caseOf(folder), `${field} ${is}`, wanted);
    if (file.endsWith('.npz')) {
      if (key === undefined) throw fail(`refers to ${file} without a key`, 'a key of the .npz is wanted');
      const source = `bundle ${folder}, ${file}[${key}] (case.json: ${field})`;
      const archive = npz(file, field);
      return { source, header: archive.header(key, source), read: () => archive.read(key, source) };
    }
    if (!file.endsWith('.npy')) throw fail(`refers to ${file}`, 'a .npy or .npz file is wanted');
    if (key !== undefined) throw fail(`gives the key ${key} for ${file}`, 'a key goes with a .npz only');
    const source = `bundle ${folder}, ${file} (case.json: ${field})`;
    const content = bytes(file, field);
    const read = () => parseNpy(content, source, 'input');
    return { source, header: parseNpyHeader(content, source, 'input'), read };
  };
  const arrays = new Map<string, NdArray>();
  const reuse = repeatedBudget(folder);
  return {
    bytes,
    array: (reference, field, wanted) => {
      const { source, header, read } = open(reference, field);
      if (header !== null) validateArray(header, wanted, source);
      const place = JSON.stringify([normalName(folder, reference.file, field), reference.key]);
      const known = arrays.get(place);
      if (known !== undefined) reuse(known.data, field);
      const array = known ?? finish(read(), header, source);
      arrays.set(place, array);
      return array;
    },
    reuse,
  };
}

interface StoredArray {
  /** What errors call it. */
  readonly source: string;
  /** Null where the file ends within it: reading says so. */
  readonly header: NpyHeader | null;
  read(): NdArray;
}

/** Memory and time grow with every name of an array, however small its file is. */
function repeatedBudget(folder: string): BundleFiles['reuse'] {
  let spent = 0;
  return ({ byteLength }, field) => {
    spent += byteLength;
    if (spent <= budgets.repeatedBytes) return;
    const found = `arrays that are named again have ${spent} bytes together, up to ${field}`;
    throw overBudget(caseOf(folder), found, budgets.repeatedBytes, 'bytes');
  };
}

/** What errors call a bundle's case.json. */
export function caseOf(folder: string): string {
  return `bundle ${folder}, case.json`;
}

/** The file's path from the folder, in one spelling. */
function normalName(folder: string, file: string, field: string): string {
  const normal = posix.normalize(file);
  if (leaves(file)) {
    throw cannot(
      'read',
      caseOf(folder),
      `${field} refers to ${JSON.stringify(file)}, which leaves the folder`,
      'a relative path within it is wanted',
    );
  }
  if (normal === 'case.json')
    throw cannot('read', caseOf(folder), `${field} refers to case.json itself`, 'another file is wanted');
  return normal;
}

/**
 * A file of a bundle, by the one door that all of them go through: a plain file in the folder.
 * @param field where its name stands
 * @param rest what the sentence ends with where it is not there
 * @throws UserError
 */
export async function readBundleFile(folder: string, file: string, field: string, rest: string): Promise<Buffer> {
  try {
    return await openInside(folder, file, (handle) => handle.readFile());
  } catch (thrown) {
    if (thrown instanceof UnfitFile) throw new UserError(`Cannot read ${caseOf(folder)}: ${field} ${thrown.message}`);
    const is =
      codeOf(thrown) === 'ENOENT' ? 'is not there' : `cannot be read (${whyUnread(thrown, `${folder}/${file}`)})`;
    throw new UserError(`Cannot read bundle ${folder}, ${file}: it ${is}; ${rest}`);
  }
}

async function readListed(folder: string, file: string, field: string, hash: string): Promise<Uint8Array> {
  const content = await readBundleFile(folder, file, field, 'case.json lists it in sha256');
  refuseLfsPointer(content, `bundle ${folder}, ${file}`);
  const actual = createHash('sha256').update(content).digest('hex');
  if (actual !== hash) {
    throw new UserError(
      `Cannot read bundle ${folder}, ${file}: its sha256 is ${actual}; ${hash} is wanted (case.json: ${field})`,
    );
  }
  return content;
}

function finish(array: NdArray, header: NpyHeader | null, source: string): NdArray {
  validateFinite(array.data, source);
  const code = header?.layout.code;
  return code === 'f2' || code === 'i2' || code === 'u2' || code === 'u4' ? { ...array, stored: code } : array;
}

function validateArray({ layout: { code }, shape: given }: NpyHeader, wanted: WantedArray, source: string): void {
  if (!wanted.dtypes.includes(code))
    throw cannot('read', source, `its dtype is ${code}`, `${wanted.dtypes.join(' or ')} is wanted`);
  const { shape } = wanted;
  if (shape === undefined) return;
  const is = `its shape is [${given.join(', ')}]`;
  if (typeof shape === 'function') {
    const fault = shape(given);
    if (fault !== null) throw cannot('read', source, is, fault);
  } else if (!sameShape(given, shape)) {
    throw cannot('read', source, is, `[${shape.join(', ')}] is wanted`);
  }
}
