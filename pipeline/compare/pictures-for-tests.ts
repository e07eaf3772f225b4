import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { classColours } from '../image/class-colours.js';
import { renderPseudoColour } from '../predict/render-prediction.js';

/** Writes label pictures, rows of class numbers each, as predictions are written: palette PNGs. */
export async function writePictures(
  folder: string,
  pictures: Readonly<Record<string, readonly (readonly number[])[]>>,
): Promise<string> {
  for (const [name, rows] of Object.entries(pictures)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(
      path,
      renderPseudoColour(Uint8Array.from(rows.flat()), rows.length, rows[0]!.length, classColours()),
    );
  }
  return folder;
}
