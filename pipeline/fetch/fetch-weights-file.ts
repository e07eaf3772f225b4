import { describeWeightsFault } from './describe-weights-fault.js';
import { type FetchedFile, type FetchOptions, fetchFile } from './fetch-file.js';
import { isZip, unpackWeights } from './unpack-weights.js';

/** Where a file of weights lies, and whether it had to be fetched. */
export interface FetchedWeights extends FetchedFile {
  /** The fetched file itself, which is a zip where `path` is what it held. */
  readonly archive: string | null;
}

/**
 * Fetches weights as `model.pretrained` and `backbone.pretrained` name them: a file, or a `.zip` with one `.pdparams`
 * in it. What is not whole or no weights at all (a web page, a Git LFS pointer, half a pickle) is refused before it
 * takes its place.
 * @returns `sha256` of what was fetched, `path` of what can be read
 * @throws as fetchFile
 * Source: load_pretrained_model in paddleseg/utils/utils.py, 2.8.0.
 * Differs: the reference takes whatever came, never looks again, and leaves a lock that hangs the next process.
 */
export async function fetchWeightsFile(address: string, options: FetchOptions = {}): Promise<FetchedWeights> {
  const fetched = await fetchFile(address, { refuse: describeWeightsFault, ...options });
  if (!(await isZip(fetched.path))) return { ...fetched, archive: null };
  return { ...fetched, path: await unpackWeights(fetched.path, fetched.sha256), archive: fetched.path };
}
