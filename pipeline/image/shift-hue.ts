import type { ByteImage } from './enhance.js';

/**
 * Adds `amount` (of 256 for the whole circle) to the hue: RGB → Pillow's 8-bit HSV → RGB, so that some colours move a
 * little even at 0. The sum's fraction is dropped and it wraps at 256.
 *
 * Shapes: [h, w, 3]; an image of one channel has no hue, and is an error.
 * Source: functional.hue of PaddleSeg 2.8.0; rgb2hsv_row and hsv2rgb in Pillow's libImaging/Convert.c (12.0).
 */
export function shiftHue(image: ByteImage, amount: number): ByteImage {
  if (image.channels !== 3) throw new RangeError(`an image of ${image.channels} channels has no hue`);
  const { data: from } = image;
  const data = new Uint8Array(from.length);
  for (let at = 0; at < from.length; at += 3) {
    const [red, green, blue] = [from[at]!, from[at + 1]!, from[at + 2]!];
    const largest = Math.max(red, green, blue);
    const smallest = Math.min(red, green, blue);
    if (largest === smallest) {
      data[at] = data[at + 1] = data[at + 2] = largest;
      continue;
    }
    const saturation = Math.trunc(Math.fround((largest - smallest) / largest) * 255);
    const hue = Math.trunc(hueOf(red, green, blue, largest, smallest) + amount) & 255;
    writeRgb(data, at, hue, saturation, largest);
  }
  return { ...image, data };
}

/** Hue as a whole number of 0..255. Each step is float32 or double as in the C source, for its fraction is dropped. */
function hueOf(red: number, green: number, blue: number, largest: number, smallest: number): number {
  const range = largest - smallest;
  const r = Math.fround((largest - red) / range);
  const g = Math.fround((largest - green) / range);
  const b = Math.fround((largest - blue) / range);
  const sixth = Math.fround(red === largest ? b - g : green === largest ? 2 + r - b : 4 + g - r);
  return Math.trunc(Math.fround((sixth / 6 + 1) % 1) * 255);
}

function writeRgb(data: Uint8Array, at: number, hue: number, saturation: number, value: number): void {
  const sixth = Math.floor((hue * 6) / 255);
  const rest = Math.fround((hue * 6) / 255 - sixth);
  const share = Math.fround(saturation / 255);
  const low = roundHalfUp(value * (1 - share));
  const falling = roundHalfUp(value * (1 - Math.fround(share * rest)));
  const rising = roundHalfUp(value * (1 - share * (1 - rest)));
  const [red, green, blue] = pickSixth(sixth % 6, value, low, falling, rising);
  data[at] = red;
  data[at + 1] = green;
  data[at + 2] = blue;
}

function pickSixth(
  sixth: number,
  value: number,
  low: number,
  falling: number,
  rising: number,
): [number, number, number] {
  if (sixth === 0) return [value, rising, low];
  if (sixth === 1) return [falling, value, low];
  if (sixth === 2) return [low, value, rising];
  if (sixth === 3) return [low, falling, value];
  if (sixth === 4) return [rising, low, value];
  return [value, low, falling];
}

/** C's round() of a number that is not negative. */
function roundHalfUp(value: number): number {
  return Math.floor(value + 0.5);
}
