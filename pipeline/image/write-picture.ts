import { extname } from 'node:path';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { loadSharp } from './load-sharp.js';

/** cv2.imwrite's quality of a JPEG. */
const jpegQuality = 95;

/** Writes a picture, [h, w, 3] bytes, in the format of the path's ending; a BMP, which sharp does not write, as a PNG. @returns its path */
export async function writePicture(
  path: string,
  pixels: Uint8Array,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<string> {
  const sharp = await loadSharp();
  const picture = sharp(pixels, { raw: { height, width, channels: 3 } });
  const ending = extname(path).toLowerCase();
  const isJpeg = ending === '.jpg' || ending === '.jpeg';
  const written = isJpeg || ending === '.png' ? path : `${path.slice(0, path.length - ending.length)}.png`;
  const bytes = await (isJpeg ? picture.jpeg({ quality: jpegQuality }) : picture.png()).toBuffer();
  await writeAtomicFile(written, bytes);
  return written;
}
