/**
 * The colours of classes 0 to 255, [256 · 3] bytes of red, green, blue. Source: get_color_map_list of
 * paddleseg/utils/visualize.py, 2.8.0: three bits of class + 1 at a time go to the highest free bits of red, green and
 * blue, so that class 0 is not black.
 * @param custom takes the place of the first colours
 */
export function classColours(custom: readonly number[] = []): Uint8Array {
  const colours = new Uint8Array(256 * 3);
  for (let at = 0; at < 256; at++) {
    for (let rest = at + 1, bit = 7; rest > 0; rest >>= 3, bit--) {
      for (let channel = 0; channel < 3; channel++) colours[at * 3 + channel]! |= ((rest >> channel) & 1) << bit;
    }
  }
  colours.set(custom);
  return colours;
}

/** A label map in colours, [h, w, 3]. @param ignored painted black */
export function colourLabels(labels: Uint8Array, colours: Uint8Array, ignored?: number): Uint8Array {
  const pixels = new Uint8Array(labels.length * 3);
  for (const [at, label] of labels.entries())
    if (label !== ignored) pixels.set(colours.subarray(label * 3, label * 3 + 3), at * 3);
  return pixels;
}
