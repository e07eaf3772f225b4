import { readWeightsFile } from '../../harness/golden/weights-file.js';
import type { ModelSection } from '../../harness/hosts/port-contract.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { type Float32NdArray, float32NdArray, type NdArray, sameShape } from '../../harness/support/nd-array.js';
import type { FetchOptions } from '../fetch/fetch-file.js';
import { fetchWeightsFile } from '../fetch/fetch-weights-file.js';

export interface Pretrained {
  readonly weights: ReadonlyMap<string, Float32NdArray>;
  /** `506 of 506 backbone tensors, head from initialisation`, or that there are none. */
  readonly said: string;
}

/**
 * Puts the weights that `model.pretrained` (all of them) or `model.backbone.pretrained` names in the place of initial ones.
 * A path, or an address of a .pdparams or of a zip with one in it, which is fetched into the cache.
 * Source: load_pretrained_model in paddleseg/utils/utils.py, 2.8.0.
 * Differs: there a missing or misshapen tensor is a line among many, and training starts from noise; here it is an error.
 * @param choice `none` leaves the initial weights; a path or an address stands in for the yml's; null: what the yml says
 */
export async function loadPretrained(
  section: ModelSection,
  initial: ReadonlyMap<string, Float32NdArray>,
  choice: string | null,
  options: FetchOptions = {},
): Promise<Pretrained> {
  const named = namedIn(section);
  if (choice === 'none') {
    const instead = named === null ? '' : `; ${named.source} was not loaded, as --pretrained none says`;
    return { weights: initial, said: `all ${initial.size} tensors from initialisation${instead}` };
  }
  if (named === null && choice === null)
    return { weights: initial, said: `all ${initial.size} tensors from initialisation` };
  const { source, prefix } = choice === null ? named! : { source: choice, prefix: named?.prefix ?? 'backbone.' };
  const arrays = await readSource(source, options);
  const weights = new Map(initial);
  const wanted = [...initial.keys()].filter((name) => name.startsWith(prefix));
  for (const name of wanted) weights.set(name, take(arrays, name, prefix, initial.get(name)!.shape, source));
  const rest = initial.size - wanted.length;
  const what = prefix === '' ? 'tensors' : 'backbone tensors';
  const head = rest === 0 ? '' : ', head from initialisation';
  return { weights, said: `${wanted.length} of ${wanted.length} ${what}${head} (${source})` };
}

function namedIn(section: ModelSection): { readonly source: string; readonly prefix: string } | null {
  if (typeof section.pretrained === 'string') return { source: section.pretrained, prefix: '' };
  const { backbone } = section;
  if (typeof backbone !== 'object' || backbone === null || !('pretrained' in backbone)) return null;
  return typeof backbone.pretrained === 'string' ? { source: backbone.pretrained, prefix: 'backbone.' } : null;
}

async function readSource(source: string, options: FetchOptions): Promise<Map<string, NdArray>> {
  if (!/^https?:\/\//.test(source)) return readWeightsFile(source);
  try {
    const { path } = await fetchWeightsFile(source, options);
    return await readWeightsFile(path);
  } catch (error) {
    if (error instanceof EnvironmentError)
      throw new EnvironmentError(`${error.message}, or --pretrained none to train from random weights`);
    throw error;
  }
}

/** A backbone's file names its tensors without `backbone.`. */
function take(
  arrays: ReadonlyMap<string, NdArray>,
  name: string,
  prefix: string,
  shape: readonly number[],
  source: string,
): Float32NdArray {
  const found = arrays.get(name) ?? arrays.get(name.slice(prefix.length));
  if (found === undefined)
    throw new UserError(
      `Cannot load ${source}: it lacks ${name.slice(prefix.length)}; [${shape.join(', ')}] is wanted. Fix: weights of this very backbone, or --pretrained none`,
    );
  if (!sameShape(found.shape, shape))
    throw new UserError(
      `Cannot load ${source}: ${name.slice(prefix.length)} is [${found.shape.join(', ')}]; [${shape.join(', ')}] is wanted. Fix: weights of this very backbone, or --pretrained none`,
    );
  if (found.data instanceof Float32Array) return float32NdArray(shape, found.data);
  throw new UserError(`Cannot load ${source}: ${name} is ${found.dtype}; float32 is wanted`);
}
