import { budgets, overBudget } from '../../harness/support/budgets.js';

/**
 * A header of a few bytes may claim any size. Throws a UserError before anything is decoded. @param picture `the image
 * x.png`
 */
export function validatePixels(
  { width, height }: { readonly width: number; readonly height: number },
  picture: string,
): void {
  if (width * height <= budgets.pixels) return;
  throw overBudget(picture, `it has ${width}×${height} pixels`, budgets.pixels, 'pixels');
}
