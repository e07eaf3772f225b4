import { extname, join, normalize } from 'node:path';
import { UserError } from '../../harness/support/errors.js';
import { placeInside, realPlace } from '../../harness/support/place-inside.js';
import { writtenPicture } from '../image/write-picture.js';
import type { ListedImage } from './list-images.js';

/** A picture, and the two files that its prediction becomes. */
export interface PlacedImage extends ListedImage {
  /** A label map as a palette PNG. */
  readonly mask: string;
  /** The picture with the classes' colours over it. */
  readonly blend: string;
}

/**
 * Places the results of pictures below `saveDir`, each where its name says. Of a name that leads up (`../x.png`, in a
 * list) what follows counts: the picture is read there, and nothing is written there. Source: the folders of predict in
 * paddleseg/core/predict.py, 2.8.0. Differs: there such a name leaves the folder, and pictures whose results share a
 * path write over each other.
 * @throws UserError where a link leads out of `saveDir`, where two files would be one, or one would be a picture that
 *   is read
 */
export async function placePredictions(images: readonly ListedImage[], saveDir: string): Promise<PlacedImage[]> {
  const places = new Map<string, string>();
  for (const { path } of images) places.set(await realPlace(path), `picture ${path} itself`);
  const claim = async (file: string, image: string, what: string): Promise<string> => {
    const place = await placeInside(saveDir, file, `the ${what} of ${image}`);
    const real = await realPlace(place);
    const other = places.get(real);
    if (other !== undefined && other !== `${what} of ${image}`)
      throw new UserError(
        `Cannot predict ${image}: its ${what} and the ${other} would both be ${place}; a place for each is wanted. Fix: other names, or one --save_dir for each`,
      );
    places.set(real, `${what} of ${image}`);
    return place;
  };
  const placed: PlacedImage[] = [];
  for (const image of images) {
    const name = normalize(image.name).replace(/^(\.{0,2}[\\/])+/, '');
    const stem = name.slice(0, name.length - extname(name).length);
    placed.push({
      ...image,
      mask: await claim(join(maskFolder, `${stem}.png`), image.path, 'mask'),
      blend: await claim(join(blendFolder, writtenPicture(name)), image.path, 'blended picture'),
    });
  }
  return placed;
}

/** The folders of predict's results below `saveDir`. */
export function resultFolders(saveDir: string): string[] {
  return [maskFolder, blendFolder].map((name) => join(saveDir, name));
}

const maskFolder = 'pseudo_color_prediction';
const blendFolder = 'added_prediction';
