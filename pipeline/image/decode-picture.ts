import { loadSharp } from './load-sharp.js';
import type { PictureHeader } from './picture-header.js';
import type { Raster } from './raster.js';

/** The pixels of a picture that sharp decodes, as OpenCV gives them, [h, w, channels]. */
export async function decodePicture(
  bytes: Buffer,
  { format, tiff }: PictureHeader,
  channels: 1 | 3,
): Promise<Raster<Uint8Array>> {
  const sharp = await loadSharp();
  const stored = sharp(bytes, { ignoreIcc: true, failOn: 'error' });
  // OpenCV 4.12 reads no EXIF of a WebP.
  const turned = format === 'WebP' ? stored : stored.autoOrient();
  if (tiff?.rounds16 === true || tiff?.timesAlpha === true) {
    const depth = tiff.rounds16 ? 'ushort' : 'uchar';
    const { data, info } = await turned
      .toColourspace(tiff.rounds16 ? 'rgb16' : 'srgb')
      .raw({ depth })
      .toBuffer({ resolveWithObject: true });
    const own = data.buffer.slice(data.byteOffset, data.byteOffset + data.length) as ArrayBuffer;
    const samples = tiff.rounds16 ? new Uint16Array(own) : new Uint8Array(own);
    return {
      height: info.height,
      width: info.width,
      channels: 3,
      data: toRgb(samples, info.channels, tiff.timesAlpha),
    };
  }
  const colours = turned.removeAlpha().toColourspace('srgb');
  const pixels = channels === 1 ? colours.extractChannel(0) : colours;
  const { data, info } = await pixels.raw().toBuffer({ resolveWithObject: true });
  return {
    height: info.height,
    width: info.width,
    channels,
    data: new Uint8Array(data.buffer, data.byteOffset, data.length),
  };
}

/**
 * RGB or RGBA samples of a TIFF to RGB of 8 bits, multiplied by alpha where it says so.
 * Source: BuildMapBitdepth16To8 and BuildMapUaToAa of tif_getimage.c, libtiff 4.7.
 */
function toRgb(samples: Uint16Array | Uint8Array, channels: number, timesAlpha: boolean): Uint8Array {
  const toByte =
    samples instanceof Uint16Array ? (value: number) => Math.floor((value + 128) / 257) : (value: number) => value;
  const pixels = samples.length / channels;
  const data = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const alpha = timesAlpha ? toByte(samples[i * channels + 3]!) : 255;
    for (let c = 0; c < 3; c++) {
      const value = toByte(samples[i * channels + c]!);
      data[i * 3 + c] = timesAlpha ? Math.floor((value * alpha + 127) / 255) : value;
    }
  }
  return data;
}
