import { UserError } from '../../harness/support/errors.js';
import { isInside, realPlace } from '../../harness/support/place-inside.js';

/**
 * The path of something that `tipcheck prepare` makes, where a yml or a text file says that it lies: below the folder
 * in which it was started, by its real path.
 * @param what `the data of small.yml`
 * @param fix what helps where it lies elsewhere
 * @throws UserError
 */
export async function placePrepared(path: string, what: string, fix: string): Promise<string> {
  if (isInside(await realPlace(''), await realPlace(path))) return path;
  throw new UserError(
    `Cannot prepare ${what}: there is no ${path}, and it lies outside this folder, where nothing is made; a place below it is wanted. Fix: ${fix}`,
  );
}
