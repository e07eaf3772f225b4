import { readFile } from 'node:fs/promises';
import { decode } from 'fast-png';

/** Of each picture the labels, row by row. */
export type Masks = readonly Uint8Array[];

/** The palette's indices: the labels of PaddleSeg's pseudo_color_prediction. */
export async function readMasks(paths: readonly string[]): Promise<Masks> {
  return Promise.all(
    paths.map(async (path) => {
      const { data, channels } = decode(await readFile(path));
      if (channels !== 1) throw new Error(`${path} has ${channels} channels; a palette is wanted`);
      return Uint8Array.from(data);
    }),
  );
}
