import { type Dtype, elementCount, type NdArray } from '../contract/nd-array.js';
import { cannot, messageOf } from '../support/errors.js';
import { refuseLfsPointer } from '../support/lfs-pointer.js';
import { parseJson } from '../support/parse-json.js';
import { decodeStored, dtypeFor, type StoredCode, storedSizes } from './stored-elements.js';

/**
 * Parses a .safetensors file: a 64-bit length, a JSON header of that length, then the tensors, which follow each other
 * without gap or overlap (https://huggingface.co/docs/safetensors). `__metadata__` is ignored.
 * @param source names the file, for errors
 * F16 and BF16 become f4; smaller integers the next that bundles have.
 * @throws UserError for other dtypes, and for whatever contradicts the format
 */
export function parseSafetensors(bytes: Uint8Array, source: string): Map<string, NdArray> {
  refuseLfsPointer(bytes, source);
  const { header, dataOffset } = parseHeader(bytes, source);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => ({ name, ...parseEntry(name, entry, source) }));
  validateLayout(entries, bytes.length - dataOffset, source);
  return new Map(
    entries.map(({ name, code, shape, start, end }) => {
      const layout = { code, bigEndian: false, fortran: false };
      const data = decodeStored(bytes.subarray(dataOffset + start, dataOffset + end), layout, shape);
      return [name, { dtype: dtypeFor(code), shape, data }];
    }),
  );
}

/**
 * Arrays as .safetensors, in the order given, the header filled up with spaces to 8 bytes as the format's own writer
 * does.
 */
export function renderSafetensors(arrays: ReadonlyMap<string, NdArray>): Uint8Array {
  const header: {
    [name: string]: { dtype: string; shape: readonly number[]; data_offsets: readonly [number, number] };
  } = {};
  let end = 0;
  for (const [name, { dtype, shape, data }] of arrays) {
    header[name] = { dtype: namesByDtype[dtype], shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  const dataOffset = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(dataOffset + end).fill(0x20, 8, dataOffset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataOffset - 8), true);
  bytes.set(text, 8);
  let at = dataOffset;
  for (const { data } of arrays.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

const namesByDtype: Readonly<Record<Dtype, string>> = {
  f4: 'F32',
  f8: 'F64',
  i4: 'I32',
  i8: 'I64',
  u1: 'U8',
  b1: 'BOOL',
};
const codesByName: ReadonlyMap<unknown, StoredCode> = new Map<unknown, StoredCode>([
  ...Object.entries(namesByDtype).map(([dtype, name]) => [name, dtype as Dtype] as const),
  ['F16', 'f2'],
  ['BF16', 'bf16'],
  ['I8', 'i1'],
  ['I16', 'i2'],
  ['U16', 'u2'],
  ['U32', 'u4'],
]);

/** The format's own limit (safetensors/src/tensor.rs, MAX_HEADER_SIZE). */
const maxHeaderBytes = 100_000_000;

function parseHeader(bytes: Uint8Array, source: string): { header: object; dataOffset: number } {
  if (bytes.length < 8)
    throw cannot('read', source, `it has ${bytes.length} bytes`, 'a whole .safetensors file is wanted');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > maxHeaderBytes || 8 + length > bytes.length) {
    throw cannot(
      'read',
      source,
      `its header claims ${length} bytes of ${bytes.length - 8}`,
      'a whole .safetensors file is wanted',
    );
  }
  let header: unknown;
  try {
    header = parseJson(Buffer.from(bytes.subarray(8, 8 + length)).toString('utf8'));
  } catch (thrown) {
    throw cannot('read', source, `in its header, ${messageOf(thrown)}`, 'a .safetensors file is wanted');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw cannot('read', source, 'its header is not an object', 'a .safetensors file is wanted');
  }
  return { header, dataOffset: 8 + length };
}

interface Entry {
  readonly code: StoredCode;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

function parseEntry(name: string, entry: unknown, source: string): Entry {
  const { dtype: dtypeName, shape, data_offsets: offsets } = Object(entry);
  const code = codesByName.get(dtypeName);
  if (code === undefined) {
    throw cannot(
      'read',
      source,
      `${name} has dtype ${JSON.stringify(dtypeName)}`,
      `one of ${[...codesByName.keys()].join(', ')} is wanted`,
    );
  }
  if (!isExtents(shape))
    throw cannot('read', source, `${name} has shape ${JSON.stringify(shape)}`, 'whole numbers are wanted');
  if (!isExtents(offsets) || offsets.length !== 2) {
    throw cannot('read', source, `${name} has data_offsets ${JSON.stringify(offsets)}`, 'two whole numbers are wanted');
  }
  const [start, end] = offsets as [number, number];
  const wanted = elementCount(shape) * storedSizes[code];
  if (end - start !== wanted) {
    throw cannot(
      'read',
      source,
      `${name} has ${end - start} bytes`,
      `shape [${shape.join(', ')}] of ${dtypeName} needs ${wanted}`,
    );
  }
  return { code, shape, start, end };
}

function isExtents(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
}

function validateLayout(entries: readonly (Entry & { name: string })[], dataLength: number, source: string): void {
  let at = 0;
  for (const { name, start, end } of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== at)
      throw cannot('read', source, `${name} starts at ${start}`, `${at}, where the tensor before it ends, is wanted`);
    at = end;
  }
  if (at !== dataLength) throw cannot('read', source, `its tensors have ${dataLength} bytes`, `its header needs ${at}`);
}
