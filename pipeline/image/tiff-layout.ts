/** Bytes of a file from a position on: fewer than `length` where the file ends. */
export type ReadAt = (position: number, length: number) => Promise<Uint8Array>;

/** What the first directory of a TIFF says about its picture. */
export interface TiffLayout {
  readonly width: number;
  readonly height: number;
  readonly bits: readonly number[];
  readonly sampleFormats: readonly number[];
  readonly photometric: number;
  readonly compression: number;
  readonly samples: number;
  readonly extraSamples: readonly number[];
  readonly orientation: number;
}

/**
 * Reads the tags of a TIFF or BigTIFF that decide how its samples become colours.
 * Source: TIFF 6.0 (Adobe, 1992), sections 2 and 8.
 * @throws Error whose message says what is wrong, for use in a sentence about the file
 */
export async function readTiffLayout(read: ReadAt): Promise<TiffLayout> {
  const tags = await readTags(read);
  const one = (tag: number, fallback: number) => tags.get(tag)?.[0] ?? fallback;
  const samples = one(277, 1);
  return {
    width: one(256, 0),
    height: one(257, 0),
    bits: tags.get(258) ?? [1],
    sampleFormats: tags.get(339) ?? [1],
    photometric: one(262, -1),
    compression: one(259, 1),
    samples,
    extraSamples: tags.get(338) ?? [],
    orientation: one(274, 1),
  };
}

const wanted = new Set([256, 257, 258, 259, 262, 274, 277, 338, 339]);
/** More entries or values than a camera or a map writes: what says so is damaged. */
const mostEntries = 4096;
const mostValues = 64;

async function readTags(read: ReadAt): Promise<ReadonlyMap<number, readonly number[]>> {
  const head = viewOf(await read(0, 16), 8);
  const little = head.getUint8(0) === 0x49;
  const big = head.getUint16(2, little) === 43;
  const sizes = big ? { count: 8, entry: 20, value: 8 } : { count: 2, entry: 12, value: 4 };
  if (big && head.byteLength < 16) throw new Error(ends);
  const start = big ? Number(head.getBigUint64(8, little)) : head.getUint32(4, little);
  const counted = viewOf(await read(start, sizes.count), sizes.count);
  const count = big ? Number(counted.getBigUint64(0, little)) : counted.getUint16(0, little);
  if (!(count <= mostEntries)) throw new Error(`its directory has ${count} entries`);
  const directory = viewOf(await read(start + sizes.count, count * sizes.entry), count * sizes.entry);
  const tags = new Map<number, readonly number[]>();
  for (let at = 0; at < directory.byteLength; at += sizes.entry) {
    const tag = directory.getUint16(at, little);
    if (!wanted.has(tag) || tags.has(tag)) continue;
    tags.set(tag, await readValues(read, directory, at, { little, big, inline: sizes.value }));
  }
  return tags;
}

const ends = 'the file ends within its directory';

async function readValues(
  read: ReadAt,
  directory: DataView,
  at: number,
  { little, big, inline }: { readonly little: boolean; readonly big: boolean; readonly inline: number },
): Promise<readonly number[]> {
  const type = directory.getUint16(at + 2, little);
  const width = { 1: 1, 3: 2, 4: 4, 16: 8 }[type];
  const count = big ? Number(directory.getBigUint64(at + 4, little)) : directory.getUint32(at + 4, little);
  if (width === undefined || !(count <= mostValues))
    throw new Error(`tag ${directory.getUint16(at, little)} of its directory is damaged`);
  const from = at + (big ? 12 : 8);
  const offset = () => (big ? Number(directory.getBigUint64(from, little)) : directory.getUint32(from, little));
  const bytes = count * width;
  const values =
    bytes <= inline
      ? new DataView(directory.buffer, directory.byteOffset + from, inline)
      : viewOf(await read(offset(), bytes), bytes);
  return Array.from({ length: count }, (_, index) => {
    if (width === 1) return values.getUint8(index);
    if (width === 2) return values.getUint16(index * 2, little);
    if (width === 4) return values.getUint32(index * 4, little);
    return Number(values.getBigUint64(index * 8, little));
  });
}

function viewOf(bytes: Uint8Array, length: number): DataView {
  if (bytes.length < length) throw new Error(ends);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
