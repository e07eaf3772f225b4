import { codeOf, messageOf, UserError } from '../../harness/support/errors.js';
import { whyUnread } from '../../harness/support/explain-system.js';
import { lfsPointerBytes, refuseLfsPointer } from '../../harness/support/lfs-pointer.js';
import { openPlain, readPlain } from '../../harness/support/plain-file.js';
import { decodeBmp } from './decode-bmp.js';
import { decodePicture } from './decode-picture.js';
import { pictureFormats } from './picture-format.js';
import { type PictureHeader, readPictureHeader } from './picture-header.js';
import type { Raster } from './raster.js';
import { UnreadKind } from './unread-kind.js';
import { validatePixels } from './validate-pixels.js';

/**
 * Reads an image as RGB, or as grey where `channels` is 1. Its content says which format it has, whatever its name is.
 * JPEGs and PNGs are turned as their EXIF says, and TIFFs as their orientation does; colour profiles are ignored. Alpha
 * is dropped, but where a TIFF says that it is not multiplied in: there it is. Of 16 bits the upper 8 are taken, but in
 * an RGB TIFF, which is rounded.
 *
 * Shapes: [h, w, channels]. Range: 0 to 255. Source: cv2.imread of OpenCV 4.12 as PaddleSeg's Compose calls it, then
 * BGR → RGB and float32. Differs: for one channel the file must hold one; OpenCV turns colours grey in a way that
 * depends on the file's format. Refused are JPEGs in CMYK, compressed BMPs and TIFFs that tiffColours names.
 * @throws UserError for a missing file, one that is not an image, and colours where one channel is wanted
 */
export async function readImage(path: string, channels: 1 | 3 = 3): Promise<Raster<Uint8Array>> {
  return decodeImage(await readImageBytes(path), path, channels);
}

/** The file of an image, as `decodeImage` takes it. Throws a UserError for what cannot be read. */
export async function readImageBytes(path: string): Promise<Buffer> {
  try {
    return await readPlain(path);
  } catch (error) {
    throw asImageError(error, path);
  }
}

/** As `readImage`, of a file's bytes. @param path for errors */
export async function decodeImage(bytes: Buffer, path: string, channels: 1 | 3): Promise<Raster<Uint8Array>> {
  try {
    const read = async (position: number, length: number) => bytes.subarray(position, position + length);
    refuseLfsPointer(bytes, `the image ${path}`);
    const header = await readPictureHeader({ read, input: bytes });
    validatePixels(header, `the image ${path}`);
    validateChannels(header, channels, path);
    if (header.format === 'BMP') return spread(decodeBmp(bytes), channels);
    return await decodePicture(bytes, header, channels);
  } catch (error) {
    throw asImageError(error, path);
  }
}

/**
 * Width and height as `readImage` will give them, from the file's header.
 * @throws UserError for what `readImage` refuses by its header alone
 */
export async function readImageSize(
  path: string,
  channels: 1 | 3 = 3,
): Promise<{ readonly width: number; readonly height: number }> {
  try {
    return await openPlain(path, async (file) => {
      const read = async (position: number, length: number) => {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
        return buffer.subarray(0, bytesRead);
      };
      refuseLfsPointer(await read(0, lfsPointerBytes), `the image ${path}`);
      const header = await readPictureHeader({ read, input: path });
      validatePixels(header, `the image ${path}`);
      validateChannels(header, channels, path);
      return { width: header.width, height: header.height };
    });
  } catch (error) {
    throw asImageError(error, path);
  }
}

function validateChannels({ grey, format }: PictureHeader, channels: 1 | 3, path: string): void {
  if (channels === 3 || grey) return;
  throw new UserError(
    `Cannot read the image ${path}: it is a ${format} in colour and img_channels is 1; an image stored in grey is wanted`,
  );
}

/** Grey as three equal channels. */
function spread(image: Raster<Uint8Array>, channels: 1 | 3): Raster<Uint8Array> {
  if (image.channels === channels) return image;
  const data = new Uint8Array(image.data.length * channels);
  for (const [at, value] of image.data.entries()) data.fill(value, at * channels, (at + 1) * channels);
  return { ...image, channels, data };
}

const missing: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
};

function asImageError(error: unknown, path: string): unknown {
  if (error instanceof UserError) return error;
  const cannot = `Cannot read the image ${path}:`;
  if (error instanceof UnreadKind)
    return new UserError(`${cannot} ${error.message}. Fix: convert it, to a PNG of 8 bits for example`);
  const absent = missing[codeOf(error) ?? ''];
  // What a decoder says of damage has no code.
  const said = codeOf(error) === null ? messageOf(error) : whyUnread(error, path);
  const why = absent ?? said.split('\n')[0]!.replace(/[.;]\s*$/, '');
  const fix = absent === undefined ? 'copy the file again, or convert it' : 'its path';
  return new UserError(`${cannot} ${why}; ${pictureFormats} is wanted. Fix: ${fix}`);
}
