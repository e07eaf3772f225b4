import type { Comparison } from '../../harness/support/comparison.js';
import { renderCount } from '../../harness/support/figures.js';
import { renderTable } from '../../harness/support/table.js';
import { compareFolders, type FolderComparison } from './compare-folders.js';

/** How many pictures and classes are shown; --json has all. */
const shown = 10;

/** Two folders of predictions: pixels that differ, by class and by picture. */
export async function comparePictures(actual: string, expected: string, maxChanged: number): Promise<Comparison> {
  const found = await compareFolders(actual, expected);
  const share = found.different / found.pixels;
  const agrees = share <= maxChanged;
  return {
    verdict: agrees ? 'agree' : 'differ',
    text: renderComparison(found, share, maxChanged, agrees),
    json: { kind: 'pictures', actual, expected, maxChanged, share, ...found },
  };
}

function renderComparison(found: FolderComparison, share: number, maxChanged: number, agrees: boolean): string {
  const { images, pixels, different, classes, pictures } = found;
  const allowed = maxChanged === 0 ? 'none may' : `${showShare(maxChanged)} may`;
  const last = `${agrees ? 'pass' : 'fail'}  ${different} of ${pixels} pixels of ${renderCount(images, 'picture')} differ (${showShare(share)}); ${allowed}\n`;
  if (different === 0) return last;
  const classRows = classes
    .slice(0, shown)
    .map((one) => [String(one.class), String(one.lost), String(one.gained), String(one.kept)]);
  const pictureRows = pictures
    .slice(0, shown)
    .map((one) => [one.name, String(one.different), showShare(one.different / one.pixels)]);
  return [
    renderTable([['class', 'only in the second', 'only in the first', 'in both'], ...classRows], [0, 1, 2, 3]),
    more(classes.length, ['class', 'classes']),
    '',
    renderTable([['picture', 'pixels', 'share'], ...pictureRows], [1, 2]),
    more(pictures.length, ['picture', 'pictures']),
    '',
    last,
  ]
    .filter((line) => line !== null)
    .join('\n');
}

function more(count: number, what: readonly [one: string, many: string]): string | null {
  return count > shown
    ? `… and ${renderCount(count - shown, `more ${what[0]}`, `more ${what[1]}`)}: --json has all`
    : null;
}

function showShare(share: number): string {
  return `${(100 * share).toPrecision(3)} %`;
}
