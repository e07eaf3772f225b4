import { isLfsPointer, lfsPointer, lfsPointerBytes } from '../../harness/support/lfs-pointer.js';
import { openPlain } from '../../harness/support/plain-file.js';

export type PictureFormat = 'PNG' | 'JPEG' | 'BMP' | 'TIFF' | 'WebP';

/** What messages call that which is read. */
export const pictureFormats = 'a PNG, JPEG, BMP, TIFF or WebP file';

/** Endings that name a format that is read. A file with one of them is a picture, also where its content is damaged. */
export const pictureEndings = ['.jpeg', '.jpg', '.bmp', '.png', '.tif', '.tiff', '.webp'];

/** Bytes that tell every format here. */
export const formatBytes = Math.max(18, lfsPointerBytes);

/**
 * The format of a picture by its first bytes, whatever its file is called; null for what is not read here.
 * Source: the signatures that OpenCV 4.12 looks for.
 */
export function pictureFormat(head: Uint8Array): PictureFormat | null {
  return formats.find(({ matches }) => matches(head))?.format ?? null;
}

/** What a file is that is not a picture, for a message. */
export function describeContent(head: Uint8Array): string {
  if (head.length === 0) return 'the file is empty';
  return others.find(({ matches }) => matches(head))?.what ?? 'its content is of no such format';
}

/** The first bytes of a file, fewer where it is shorter. */
export function readHead(path: string, count = formatBytes): Promise<Buffer> {
  return openPlain(path, async (file) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  });
}

const formats: readonly { readonly format: PictureFormat; readonly matches: (head: Uint8Array) => boolean }[] = [
  { format: 'PNG', matches: begins('\x89PNG\r\n\x1a\n') },
  { format: 'JPEG', matches: begins('\xff\xd8\xff') },
  { format: 'WebP', matches: (head) => begins('RIFF')(head) && begins('WEBP', 8)(head) },
  { format: 'TIFF', matches: (head) => ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((mark) => begins(mark)(head)) },
  // Text can begin so, too. Bytes 14 to 17 are the size of its second header, which is small.
  { format: 'BMP', matches: (head) => begins('BM')(head) && begins('\0\0', 16)(head) },
];

const others: readonly { readonly what: string; readonly matches: (head: Uint8Array) => boolean }[] = [
  { what: `${lfsPointer} (git lfs pull brings it)`, matches: isLfsPointer },
  { what: 'it is a GIF', matches: begins('GIF8') },
  { what: 'it is an AVIF or HEIF file', matches: begins('ftyp', 4) },
  { what: 'it is a PDF', matches: begins('%PDF') },
  { what: 'it is a JPEG 2000 file', matches: begins('jP  ', 4) },
  { what: 'it is a NumPy array', matches: begins('\x93NUMPY') },
  { what: 'it is XML, as an SVG is', matches: (head) => begins('<svg')(head) || begins('<?xml')(head) },
];

function begins(mark: string, at = 0): (head: Uint8Array) => boolean {
  const bytes = Buffer.from(mark, 'latin1');
  return (head) => head.length >= at + bytes.length && bytes.every((byte, index) => head[at + index] === byte);
}
