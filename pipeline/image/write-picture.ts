import { extname } from 'node:path';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { loadSharp } from './load-sharp.js';

/** cv2.imwrite's quality of a JPEG. */
const jpegQuality = 95;

/**
 * Writes a picture, [h, w, 3] bytes, in the format of the path's ending, to `writtenPicture(path)`. @returns that path
 */
export async function writePicture(
  path: string,
  pixels: Uint8Array,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<string> {
  const sharp = await loadSharp();
  const picture = sharp(pixels, { raw: { height, width, channels: 3 } });
  const written = writtenPicture(path);
  const bytes = await (isJpeg(written) ? picture.jpeg({ quality: jpegQuality }) : picture.png()).toBuffer();
  await writeAtomicFile(written, bytes);
  return written;
}

/** The path that a picture is written to: a BMP, which sharp does not write, is a PNG. */
export function writtenPicture(path: string): string {
  const ending = extname(path);
  const isKept = isJpeg(path) || ending.toLowerCase() === '.png';
  return isKept ? path : `${path.slice(0, path.length - ending.length)}.png`;
}

function isJpeg(path: string): boolean {
  return ['.jpg', '.jpeg'].includes(extname(path).toLowerCase());
}
