import { codeOf, messageOf, UserError } from '../../harness/support/errors.js';
import { loadSharp } from './load-sharp.js';
import type { Raster } from './raster.js';

/**
 * Reads an image as RGB, or as grey where `channels` is 1. JPEGs are turned as their EXIF says, alpha and colour profiles are
 * ignored, of 16 bits the upper 8 are taken.
 *
 * Shapes: [h, w, channels]. Range: 0 to 255.
 * Source: cv2.imread of OpenCV 4.12 as PaddleSeg's Compose calls it, then BGR → RGB and float32.
 * Differs: for one channel the file must hold one; OpenCV turns colours grey in a way that depends on the file's format.
 * @throws UserError for a missing file, one that is no image, and colours where one channel is wanted
 */
export async function readImage(path: string, channels: 1 | 3 = 3): Promise<Raster<Uint8Array>> {
  const sharp = await loadSharp();
  try {
    const image = sharp(path, { ignoreIcc: true, failOn: 'error' });
    if (channels === 1) await validateGrey(await image.metadata(), path);
    const turned = image.autoOrient().removeAlpha().toColourspace('srgb');
    const pixels = channels === 1 ? turned.extractChannel(0) : turned;
    const { data, info } = await pixels.raw().toBuffer({ resolveWithObject: true });
    return {
      height: info.height,
      width: info.width,
      channels,
      data: new Uint8Array(data.buffer, data.byteOffset, data.length),
    };
  } catch (error) {
    throw asImageError(error, path);
  }
}

/** Width and height as `readImage` will give them, from the file's header. */
export async function readImageSize(path: string): Promise<{ readonly width: number; readonly height: number }> {
  const sharp = await loadSharp();
  try {
    const { autoOrient } = await sharp(path).metadata();
    return autoOrient;
  } catch (error) {
    throw asImageError(error, path);
  }
}

async function validateGrey({ space, channels }: { space?: string; channels?: number }, path: string): Promise<void> {
  if (space === 'b-w') return;
  throw new UserError(
    `Cannot read the image ${path}: it has ${channels} channels (${space}) and img_channels is 1; an image stored in grey is wanted`,
  );
}

function asImageError(error: unknown, path: string): unknown {
  if (error instanceof UserError) return error;
  const text = messageOf(error);
  const missing = codeOf(error) === 'ENOENT' || /missing/i.test(text);
  const why = missing ? 'there is no such file' : text.split('\n')[0]!.replace(/[.;]\s*$/, '');
  const fix = missing ? 'its path' : 'copy the file again, or convert it';
  return new UserError(`Cannot read the image ${path}: ${why}; a PNG, JPEG, TIFF or WebP file is wanted. Fix: ${fix}`);
}
