import { inflateRawSync } from 'node:zlib';
import { zipSync } from 'fflate';
import type { NdArray } from '../contract/nd-array.js';
import { budgets, overBudget } from '../support/budgets.js';
import { cannot, codeOf, messageOf } from '../support/errors.js';
import { suggest } from '../support/suggest.js';
import { crc32 } from './crc32.js';
import { parseNpy, renderNpy } from './npy.js';
import { type NpyHeader, type NpyRule, parseNpyHeader } from './npy-header.js';
import { parseZipDirectory, type ZipEntry } from './zip-directory.js';

/**
 * An .npz in memory. Nothing is unpacked before it is asked for. `source` names an array in errors: `<file>[<key>]`, or
 * as given.
 */
export interface Npz {
  /** Names of the arrays, without `.npy`, in the file's order. */
  readonly keys: readonly string[];
  /** Dtype and shape of an array, at the cost of its first kilobytes. Throws a UserError for an unknown key. */
  header(key: string, source?: string): NpyHeader;
  /** Throws a UserError for an unknown key, a claimed size that is not met, a wrong CRC, or a bad .npy. */
  read(key: string, source?: string): NdArray;
}

/**
 * Opens an .npz (a zip, stored or deflated, of .npy files); other entries are ignored.
 * @param source names the file, for errors
 * @param rule `any` for files of users and their programs
 * @throws UserError for whatever `parseZipDirectory` refuses
 */
export function parseNpz(bytes: Uint8Array, source: string, rule: NpyRule = 'bundle'): Npz {
  const entries = parseZipDirectory(bytes, source);
  const keys = [...entries.keys()].filter((name) => name.endsWith('.npy')).map((name) => name.slice(0, -4));
  const entryOf = (key: string, label: string): ZipEntry => {
    const entry = entries.get(`${key}.npy`);
    if (entry !== undefined) return entry;
    throw cannot(
      'read',
      label,
      'the .npz has no such key',
      `one of its ${keys.length} keys is wanted.${suggest(key, keys)}`,
    );
  };
  const spendFolded = foldedBudget();
  return {
    keys,
    header: (key, label = `${source}[${key}]`) => readHeader(entryOf(key, label), label, rule),
    read: (key, label = `${source}[${key}]`) => {
      const entry = entryOf(key, label);
      spendFolded(entry, label);
      return readEntry(entry, label, rule);
    },
  };
}

/**
 * Arrays as an .npz, in the order given; the same arrays give the same bytes on every machine.
 * fflate packs because zlib's output depends on the processor.
 */
export function renderNpz(
  arrays: ReadonlyMap<string, NdArray>,
  { compress = true }: { readonly compress?: boolean } = {},
): Uint8Array {
  const files = Object.fromEntries([...arrays].map(([key, array]) => [`${key}.npy`, renderNpy(array)]));
  return zipSync(files, { level: compress ? 6 : 0, mtime: firstZipDate });
}

/** The first date that a zip can hold, in local time, as fflate writes it. */
const firstZipDate = new Date(1980, 0, 1);

/** Four megabytes of zeros unpack to four gigabytes: what is packed far has budgets, all arrays together, each once. */
function foldedBudget(): (entry: ZipEntry, source: string) => void {
  const spend = budgets.packed.map(spendFolded);
  const charged = new Set<ZipEntry>();
  return (entry, source) => {
    if (charged.has(entry)) return;
    for (const spendOne of spend) spendOne(entry, source);
    charged.add(entry);
  };
}

function spendFolded({ fold, bytes }: (typeof budgets.packed)[number]): (entry: ZipEntry, source: string) => void {
  let spent = 0;
  return ({ packed, unpackedSize }, source) => {
    if (unpackedSize <= fold * packed.length) return;
    if (spent + unpackedSize > bytes)
      throw overBudget(
        source,
        `its ${packed.length} packed bytes unpack to ${unpackedSize}, and those before it that are packed so to ${spent}`,
        bytes,
        'bytes',
      );
    spent += unpackedSize;
  };
}

/** Enough packed bytes for the header of any array that NumPy writes; more are taken only where these do not do. */
const peekBytes = 512;

/** Reads the header alone and compares what it needs with what the zip claims, before anything large is unpacked. */
function readHeader(entry: ZipEntry, source: string, rule: NpyRule): NpyHeader {
  for (let peek = peekBytes; ; peek *= 4) {
    const header = parseNpyHeader(unpackStart(entry, peek, source), source, rule);
    if (header === null && peek < entry.packed.length) continue;
    if (header === null) throw cannot('read', source, 'it ends within its header', 'a whole .npy is wanted');
    if (header.byteLength !== entry.unpackedSize) {
      const claim = `the zip claims ${entry.unpackedSize} bytes`;
      throw cannot(
        'read',
        source,
        claim,
        `its header (${header.layout.code}, shape [${header.shape.join(', ')}]) needs ${header.byteLength}`,
      );
    }
    return header;
  }
}

function unpackStart(entry: ZipEntry, packedBytes: number, source: string): Uint8Array {
  const start = entry.packed.subarray(0, packedBytes);
  if (entry.method === 'stored') return start;
  try {
    // Z_SYNC_FLUSH: a beginning may end anywhere.
    return inflateRawSync(start, { finishFlush: 2 });
  } catch (thrown) {
    throw cannot('read', source, `it cannot be unpacked (${messageOf(thrown)})`, 'an undamaged zip is wanted');
  }
}

function readEntry(entry: ZipEntry, source: string, rule: NpyRule): NdArray {
  readHeader(entry, source, rule);
  const unpacked = entry.method === 'stored' ? entry.packed : inflate(entry, source);
  if (crc32(unpacked) !== entry.crc32) throw cannot('read', source, 'its CRC is wrong', 'an undamaged zip is wanted');
  return parseNpy(unpacked, source, rule);
}

function inflate({ packed, unpackedSize }: ZipEntry, source: string): Uint8Array {
  // One output chunk that fits, with room so that zlib need not ask for another.
  const chunkSize = Math.max(64, unpackedSize + 64);
  let unpacked: Uint8Array;
  try {
    unpacked = inflateRawSync(packed, { maxOutputLength: unpackedSize, chunkSize });
  } catch (thrown) {
    if (codeOf(thrown) === 'ERR_BUFFER_TOO_LARGE') {
      throw cannot(
        'read',
        source,
        `the zip claims ${unpackedSize} bytes and it unpacks to more`,
        'the claimed size is wanted',
      );
    }
    throw cannot('read', source, `it cannot be unpacked (${messageOf(thrown)})`, 'an undamaged zip is wanted');
  }
  if (unpacked.length !== unpackedSize) {
    throw cannot(
      'read',
      source,
      `the zip claims ${unpackedSize} bytes and it unpacks to ${unpacked.length}`,
      'the claimed size is wanted',
    );
  }
  return unpacked;
}
