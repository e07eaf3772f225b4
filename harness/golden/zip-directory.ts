import { cannot } from '../support/errors.js';
import { refuseLfsPointer } from '../support/lfs-pointer.js';

/** An entry of a zip, as its central directory and its local header say, both checked. */
export interface ZipEntry {
  readonly name: string;
  readonly method: 'stored' | 'deflated';
  readonly crc32: number;
  /** The bytes in the file. */
  readonly packed: Uint8Array;
  /** What they are said to unpack to. */
  readonly unpackedSize: number;
}

/**
 * Parses a zip's central directory (APPNOTE 6.3) without unpacking anything.
 * @param source names the file, for errors
 * @throws UserError for names that leave the folder, duplicates, encryption, zip64, methods other than stored and
 *   deflated, entries that overlap or leave the file, sizes that cannot be, and headers that contradict each other
 */
export function parseZipDirectory(bytes: Uint8Array, source: string): Map<string, ZipEntry> {
  refuseLfsPointer(bytes, source);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view, source);
  const entries = new Map<string, ZipEntry>();
  const spans: { start: number; end: number; name: string }[] = [];
  let at = end.directoryOffset;
  for (let i = 0; i < end.count; i++) {
    const record = readRecord(bytes, view, at, end.directoryEnd, source);
    validateName(record.name, source);
    if (entries.has(record.name))
      throw cannot('read', source, `entry ${record.name} is there twice`, 'each name once is wanted');
    const packed = locate(bytes, view, record, end.directoryOffset, source);
    spans.push({
      start: record.localOffset,
      end: packed.byteOffset - bytes.byteOffset + packed.length,
      name: record.name,
    });
    entries.set(record.name, entryOf(record, packed, source));
    at = record.next;
  }
  if (at !== end.directoryEnd) {
    throw cannot(
      'read',
      source,
      `its central directory has ${end.directoryEnd - at} surplus bytes`,
      `${end.count} entries are wanted`,
    );
  }
  validateSpans(spans, source);
  return entries;
}

interface DirectoryRecord {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly packedSize: number;
  readonly unpackedSize: number;
  readonly localOffset: number;
  readonly next: number;
}

const endSignature = 0x06054b50;
const recordSignature = 0x02014b50;
const localSignature = 0x04034b50;
const zip64EndSignature = 0x06064b50;
const zip64LocatorSignature = 0x07064b50;
const zip64EndBytes = 56;
const zip64LocatorBytes = 20;
const endBytes = 22;
const recordBytes = 46;
const localBytes = 30;
const maxCommentBytes = 65_535;
/** In a 32-bit field: "the value is in the zip64 extra field". */
const inZip64 = 0xffffffff;
/** Deflate cannot pack better (RFC 1951: 258 bytes in two bits); the rest is a block's header. */
const maxDeflateRatio = 1032;

function findEnd(view: DataView, source: string): { count: number; directoryOffset: number; directoryEnd: number } {
  const lowest = Math.max(0, view.byteLength - endBytes - maxCommentBytes);
  for (let at = view.byteLength - endBytes; at >= lowest; at--) {
    if (view.getUint32(at, true) !== endSignature) continue;
    if (at + endBytes + view.getUint16(at + 20, true) !== view.byteLength) continue;
    const count = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 12, true);
    const directoryOffset = view.getUint32(at + 16, true);
    if (count === 0xffff || size === inZip64 || directoryOffset === inZip64) {
      throw cannot('read', source, 'it is a zip64 archive', 'one under 4 GiB with fewer than 65535 entries is wanted');
    }
    if (
      view.getUint16(at + 4, true) !== 0 ||
      view.getUint16(at + 6, true) !== 0 ||
      view.getUint16(at + 8, true) !== count
    ) {
      throw cannot('read', source, 'it is a part of a split archive', 'a whole zip is wanted');
    }
    const directoryEnd = directoryOffset + size;
    if (directoryEnd !== at && !isEndOfZip64(view, directoryEnd, at, { count, size, directoryOffset })) {
      throw cannot('read', source, 'its central directory is not where it says', 'an undamaged zip is wanted');
    }
    return { count, directoryOffset, directoryEnd };
  }
  throw cannot('read', source, 'it has no end of a zip: it is truncated or no zip', 'a whole zip is wanted');
}

/** PyTorch puts the end of a zip64 before the end of every zip. It says the same once more, and where it stands. */
function isEndOfZip64(
  view: DataView,
  at: number,
  end: number,
  said: { readonly count: number; readonly size: number; readonly directoryOffset: number },
): boolean {
  if (at + zip64EndBytes + zip64LocatorBytes !== end) return false;
  const long = (field: number) => Number(view.getBigUint64(at + field, true));
  return (
    view.getUint32(at, true) === zip64EndSignature &&
    [long(24), long(32)].every((count) => count === said.count) &&
    long(40) === said.size &&
    long(48) === said.directoryOffset &&
    view.getUint32(at + zip64EndBytes, true) === zip64LocatorSignature &&
    long(zip64EndBytes + 8) === at
  );
}

function readRecord(bytes: Uint8Array, view: DataView, at: number, limit: number, source: string): DirectoryRecord {
  if (at + recordBytes > limit || view.getUint32(at, true) !== recordSignature) {
    throw cannot('read', source, `its central directory breaks off at byte ${at}`, 'an undamaged zip is wanted');
  }
  const nameEnd = at + recordBytes + view.getUint16(at + 28, true);
  const next = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  if (next > limit)
    throw cannot('read', source, `its central directory breaks off at byte ${at}`, 'an undamaged zip is wanted');
  return {
    name: Buffer.from(bytes.subarray(at + recordBytes, nameEnd)).toString('utf8'),
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    crc32: view.getUint32(at + 16, true),
    packedSize: view.getUint32(at + 20, true),
    unpackedSize: view.getUint32(at + 24, true),
    localOffset: view.getUint32(at + 42, true),
    next,
  };
}

function validateName(name: string, source: string): void {
  const parts = name.split(/[/\\]/);
  if (name === '' || name.includes('\0')) {
    throw cannot('read', source, `an entry's name is ${JSON.stringify(name)}`, 'a name is wanted');
  }
  if (name.includes('\\') || name.startsWith('/') || /^[A-Za-z]:/.test(name) || parts.includes('..')) {
    throw cannot('read', source, `entry ${name} leaves the archive's folder`, 'a relative path within it is wanted');
  }
}

/** The packed bytes of an entry, whose local header must say what the directory says. */
function locate(bytes: Uint8Array, view: DataView, record: DirectoryRecord, limit: number, source: string): Uint8Array {
  const { name, localOffset } = record;
  if ([record.packedSize, record.unpackedSize, localOffset].includes(inZip64)) {
    throw cannot('read', source, `entry ${name} is zip64`, 'one under 4 GiB is wanted');
  }
  if (localOffset + localBytes > limit || view.getUint32(localOffset, true) !== localSignature) {
    throw cannot(
      'read',
      source,
      `entry ${name} has no local header where the directory says`,
      'an undamaged zip is wanted',
    );
  }
  const nameEnd = localOffset + localBytes + view.getUint16(localOffset + 26, true);
  const start = nameEnd + view.getUint16(localOffset + 28, true);
  if (start + record.packedSize > limit) {
    throw cannot(
      'read',
      source,
      `entry ${name} claims ${record.packedSize} packed bytes`,
      `${Math.max(0, limit - start)} are there`,
    );
  }
  const localName = Buffer.from(bytes.subarray(localOffset + localBytes, nameEnd)).toString('utf8');
  if (localName !== name) {
    throw cannot('read', source, `entry ${name} is called ${localName} by its local header`, 'one name is wanted');
  }
  validateLocalSizes(view, record, source);
  return bytes.subarray(start, start + record.packedSize);
}

/** NumPy forces zip64 in local headers, whose sizes then stand in an extra field; with bit 3 they follow the data. */
function validateLocalSizes(view: DataView, record: DirectoryRecord, source: string): void {
  const sizesFollow = (record.flags & 8) !== 0;
  for (const [field, said] of [
    [18, record.packedSize],
    [22, record.unpackedSize],
  ] as const) {
    const local = view.getUint32(record.localOffset + field, true);
    if (local === said || local === inZip64 || (sizesFollow && local === 0)) continue;
    throw cannot(
      'read',
      source,
      `entry ${record.name} is ${local} bytes by its local header and ${said} by the directory`,
      'one size is wanted',
    );
  }
}

function entryOf(record: DirectoryRecord, packed: Uint8Array, source: string): ZipEntry {
  const { name, method, crc32, unpackedSize } = record;
  if ((record.flags & 0x2041) !== 0)
    throw cannot('read', source, `entry ${name} is encrypted`, 'a plain one is wanted');
  if (method !== 0 && method !== 8) {
    throw cannot(
      'read',
      source,
      `entry ${name} has compression method ${method}`,
      'stored (0) or deflated (8) is wanted',
    );
  }
  const most = method === 0 ? packed.length : packed.length * maxDeflateRatio + 64;
  if (unpackedSize > most || (method === 0 && unpackedSize !== packed.length)) {
    throw cannot(
      'read',
      source,
      `entry ${name} claims ${unpackedSize} bytes`,
      `its ${packed.length} packed bytes cannot hold them`,
    );
  }
  return { name, method: method === 0 ? 'stored' : 'deflated', crc32, packed, unpackedSize };
}

function validateSpans(spans: { start: number; end: number; name: string }[], source: string): void {
  const sorted = spans.sort((a, b) => a.start - b.start);
  for (const [i, span] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before !== undefined && span.start < before.end) {
      throw cannot('read', source, `entries ${before.name} and ${span.name} overlap`, 'an undamaged zip is wanted');
    }
  }
}
