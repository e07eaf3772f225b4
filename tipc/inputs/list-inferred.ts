import { type ListedImage, listImages, listImagesOfPaddleSeg } from '../../pipeline/predict/list-images.js';
import { hasOwnPort } from '../steps/runner-names.js';

/**
 * The pictures of an `--image_path` that a run infers: where PaddleSeg alone runs, those that its own tool takes.
 * @throws UserError where there is none
 */
export function listInferred(path: string, ports: readonly string[]): Promise<readonly ListedImage[]> {
  return hasOwnPort(ports) ? listImages(path) : listImagesOfPaddleSeg(path);
}
