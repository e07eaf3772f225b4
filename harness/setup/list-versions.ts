import { compareVersions } from '../support/compare-versions.js';
import { EnvironmentError } from '../support/errors.js';
import { parseJson } from '../support/parse-json.js';
import { runNpm } from './run-npm.js';

/** The versions of a package that npm's registry has, oldest first, those of the form 1.2.3 alone: no pre-release. */
export async function listVersions(name: string): Promise<string[]> {
  const action = `list the releases of ${name}`;
  const answer = readList(await runNpm(action, ['view', name, 'versions', '--json', '--fetch-retries=1']));
  const versions = answer.filter((version) => /^\d{1,6}\.\d{1,6}\.\d{1,6}$/.test(version));
  if (versions.length > 0) return versions.sort(compareVersions);
  throw new EnvironmentError(`Cannot ${action}: npm's answer names none; a list of versions is wanted`);
}

/** Empty for what is no list: of one version npm gives a text. */
function readList(text: string): string[] {
  try {
    return [parseJson(text)].flat().filter((version) => typeof version === 'string');
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
