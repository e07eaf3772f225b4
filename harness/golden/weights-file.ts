import { extname } from 'node:path';
import type { NdArray } from '../contract/nd-array.js';
import { writeAtomicFile } from '../support/atomic-file.js';
import { UserError } from '../support/errors.js';
import { whyUnread } from '../support/explain-system.js';
import { readPlain } from '../support/plain-file.js';
import { parseNpz, renderNpz } from './npz.js';
import { parsePdparams } from './pdparams.js';
import { parsePth } from './pth.js';
import { renderPdparams } from './render-pdparams.js';
import { parseSafetensors, renderSafetensors } from './safetensors.js';

/**
 * Arrays by name, of a .safetensors, .npz, .pdparams, .pth or .pt file. Throws a UserError that names the file and what
 * is wrong.
 */
export async function readWeightsFile(path: string): Promise<Map<string, NdArray>> {
  const parse = formatOf(path, 'read', parsers);
  let bytes: Uint8Array;
  try {
    bytes = await readPlain(path);
  } catch (thrown) {
    const is = whyUnread(thrown, path);
    throw new UserError(`Cannot read weights ${path}: ${is}; a file of weights is wanted`);
  }
  return parse(bytes, `weights ${path}`);
}

/**
 * Writes arrays in the format of the path's ending, the whole file or nothing. Throws a UserError for another ending.
 */
export async function writeWeightsFile(path: string, arrays: ReadonlyMap<string, NdArray>): Promise<void> {
  const render = formatOf(path, 'write', renderers);
  await writeAtomicFile(path, render(arrays));
}

type Parse = (bytes: Uint8Array, source: string) => Map<string, NdArray>;
type Render = (arrays: ReadonlyMap<string, NdArray>) => Uint8Array;

const renderers: ReadonlyMap<string, Render> = new Map([
  ['.safetensors', renderSafetensors],
  ['.npz', renderStoredNpz],
  ['.pdparams', renderPdparams],
]);

/** PyTorch's own files are read alone: PyTorch reads safetensors as well. */
const parsers: ReadonlyMap<string, Parse> = new Map([
  ['.safetensors', parseSafetensors],
  ['.npz', parseWholeNpz],
  ['.pdparams', parsePdparams],
  ['.pth', parsePth],
  ['.pt', parsePth],
]);

function formatOf<Format>(path: string, action: string, formats: ReadonlyMap<string, Format>): Format {
  const format = formats.get(extname(path));
  if (format !== undefined) return format;
  const given = extname(path) === '' ? 'no ending' : `the ending ${extname(path)}`;
  throw new UserError(
    `Cannot ${action} weights ${path}: it has ${given}; one of ${[...formats.keys()].join(', ')} is wanted`,
  );
}

function parseWholeNpz(bytes: Uint8Array, source: string): Map<string, NdArray> {
  const npz = parseNpz(bytes, source, 'any');
  return new Map(npz.keys.map((key) => [key, npz.read(key)]));
}

/** Stored: weights are noise to a packer, and packing them takes a hundred times as long as writing them. */
function renderStoredNpz(arrays: ReadonlyMap<string, NdArray>): Uint8Array {
  return renderNpz(arrays, { compress: false });
}
