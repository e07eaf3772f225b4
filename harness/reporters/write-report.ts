import { join } from 'node:path';
import type { Result } from '../result/record/result.js';
import { writeAtomicFile } from '../support/atomic-file.js';
import { UserError } from '../support/errors.js';
import { findReporters } from './find-reporters.js';
import { renderJson } from './formats/json.js';

/**
 * Writes a result into a folder, a file per format.
 * @param formats names of files of formats/; all of them by default
 * @returns the paths written
 * @throws UserError for a format that does not exist, before anything is written
 */
export async function writeReport(folder: string, result: Result, formats?: readonly string[]): Promise<string[]> {
  const reporters = await findReporters();
  const chosen = (formats ?? [...reporters.keys()]).map((name) => {
    const reporter = reporters.get(name);
    if (reporter !== undefined) return reporter;
    const known = [...reporters.keys()].join(', ');
    throw new UserError(`Cannot render the format ${name}: there is no such format; one of ${known} is wanted`);
  });
  // All are made of what result.json holds, which has an order of its own, so that they can be made of it again.
  const stored: Result = JSON.parse(renderJson(result));
  const paths: string[] = [];
  for (const { fileName, render } of chosen) {
    const path = join(folder, fileName);
    await writeAtomicFile(path, render(stored));
    paths.push(path);
  }
  return paths;
}
