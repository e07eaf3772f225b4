import { encode } from 'fast-png';
import type { Raster } from '../image/raster.js';
import { roundHalfEven } from '../image/round-half-even.js';

/**
 * A label map as an 8-bit palette PNG: the pixels are the classes, the colours the palette's. Source:
 * get_pseudo_color_map.
 */
export function renderPseudoColour(labels: Uint8Array, height: number, width: number, colours: Uint8Array): Uint8Array {
  const palette = Array.from({ length: 256 }, (_, at) => [...colours.subarray(3 * at, 3 * at + 3)]);
  return encode({ width, height, data: labels, channels: 1, depth: 8, palette });
}

/** How much of the picture shows through. */
const imageWeight = Math.fround(0.6);
const colourWeight = Math.fround(1 - 0.6);

/**
 * 0.6 · picture + 0.4 · colour, [h, w, 3]. Source: visualize in paddleseg/utils/visualize.py, whose cv2.addWeighted
 * rounds ties to even.
 */
export function blendColours({ data }: Raster<Uint8Array>, labels: Uint8Array, colours: Uint8Array): Uint8Array {
  const blended = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at++) {
    const colour = colours[labels[Math.floor(at / 3)]! * 3 + (at % 3)]!;
    const sum = Math.fround(Math.fround(data[at]! * imageWeight) + Math.fround(colour * colourWeight));
    blended[at] = roundHalfEven(sum);
  }
  return blended;
}
