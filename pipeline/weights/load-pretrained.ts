import { type Float32NdArray, float32NdArray, type NdArray, sameShape } from '../../harness/contract/nd-array.js';
import type { ModelSection } from '../../harness/contract/port.js';
import { readWeightsFile } from '../../harness/golden/weights-file.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';
import type { FetchOptions } from '../fetch/fetch-file.js';
import { fetchWeightsFile } from '../fetch/fetch-weights-file.js';
import { readZippedWeights } from '../fetch/unpack-weights.js';
import { describeForeignNames, renameFix } from './foreign-names.js';

export interface Pretrained {
  readonly weights: ReadonlyMap<string, Float32NdArray>;
  /** `506 of 506 backbone tensors, head from initialisation`, or that there are none. */
  readonly said: string;
}

/**
 * Puts the weights that `model.pretrained` (all of them) or `model.backbone.pretrained` names in the place of initial
 * ones. A path or an address of weights or of a .zip with one .pdparams in it; what an address names is fetched into
 * the cache. Source: load_pretrained_model in paddleseg/utils/utils.py, 2.8.0. Differs: there a missing or misshapen
 * tensor is a line among many, and training starts from noise; here it is an error, but for the part that depends on
 * the number of classes (`ModelDefinition.classesPart`), which may be missing or another, and is said.
 * @param choice `none` leaves the initial weights; a path or an address stands in for the yml's; null: what the yml
 *   says
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
  const { source, prefix } = choice === null ? named! : { source: choice, prefix: named?.prefix ?? prefixOf(initial) };
  const arrays = await readSource(source, options);
  const weights = new Map(initial);
  const { classesPart } = await findModel(section);
  const left = classesPart === undefined ? null : describeOtherClasses(arrays, initial, classesPart);
  const wanted = [...initial.keys()].filter(
    (name) => name.startsWith(prefix) && (left === null || !name.startsWith(classesPart!)),
  );
  const lacks = wanted.some((name) => !arrays.has(name) && !arrays.has(name.slice(prefix.length)));
  const foreign = lacks ? describeForeignNames(arrays.keys(), wanted) : null;
  if (foreign !== null)
    throw new UserError(`Cannot load ${source}: ${foreign}. Fix: ${renameFix}, or --pretrained none`);
  for (const name of wanted) weights.set(name, take(arrays, name, prefix, initial.get(name)!.shape, source));
  const others = findOthers(arrays, wanted, prefix, source);
  const rest = initial.size - wanted.length;
  const what = prefix === '' ? 'tensors' : 'backbone tensors';
  const head = rest === 0 ? '' : `, head from initialisation${left ?? ''}`;
  const more = others.length === 0 ? '' : `; ${others.length} more in it, such as ${others[0]}, are not loaded`;
  return { weights, said: `${wanted.length} of ${wanted.length} ${what}${head} (${source}${more})` };
}

function namedIn(section: ModelSection): { readonly source: string; readonly prefix: string } | null {
  if (typeof section.pretrained === 'string') return { source: section.pretrained, prefix: '' };
  const { backbone } = section;
  if (typeof backbone !== 'object' || backbone === null || !('pretrained' in backbone)) return null;
  return typeof backbone.pretrained === 'string' ? { source: backbone.pretrained, prefix: 'backbone.' } : null;
}

/** Why the part that depends on the classes is not loaded: weights lack it, or have other classes; null: it is. */
function describeOtherClasses(
  arrays: ReadonlyMap<string, NdArray>,
  initial: ReadonlyMap<string, Float32NdArray>,
  part: string,
): string | null {
  const own = [...initial].filter(([name]) => name.startsWith(part));
  const found = own.flatMap(([name, { shape }]) => {
    const given = arrays.get(name)?.shape;
    return given === undefined ? [] : [{ given, shape }];
  });
  if (found.length === 0) return ', for the weights have none';
  const isOther = found.every(({ given, shape }) => given[0] !== shape[0] && sameShape(given.slice(1), shape.slice(1)));
  const [{ given, shape }] = found as [(typeof found)[number]];
  return found.length === own.length && isOther
    ? `, for the weights are of ${given[0]} classes, and not of ${shape[0]}`
    : null;
}

/** A network without a backbone takes all of a file. */
function prefixOf(initial: ReadonlyMap<string, unknown>): string {
  return [...initial.keys()].some((name) => name.startsWith('backbone.')) ? 'backbone.' : '';
}

async function readSource(source: string, options: FetchOptions): Promise<Map<string, NdArray>> {
  if (!/^https?:\/\//.test(source))
    return source.toLowerCase().endsWith('.zip') ? readZippedWeights(source) : readWeightsFile(source);
  try {
    const { path } = await fetchWeightsFile(source, options);
    return await readWeightsFile(path);
  } catch (error) {
    if (error instanceof EnvironmentError)
      throw new EnvironmentError(`${error.message}, or --pretrained none to train from random weights`);
    throw error;
  }
}

/**
 * Names of tensors that are not part of what is loaded: a classifier's head beside a backbone, a decoder.
 * @throws UserError for one that stands among what is loaded: MSCAN_B's file holds all that MSCAN_S asks for and more
 *   blocks, and would be taken for it
 */
function findOthers(
  arrays: ReadonlyMap<string, NdArray>,
  wanted: readonly string[],
  prefix: string,
  source: string,
): string[] {
  const known = new Set(wanted.map((name) => name.slice(prefix.length)));
  const parts = new Set([...known].map(firstPart));
  const others = [...arrays.keys()].filter((name) => !known.has(withoutPrefix(name, prefix)));
  const stray = others.find((name) => parts.has(firstPart(withoutPrefix(name, prefix))));
  if (stray === undefined) return others;
  throw new UserError(
    `Cannot load ${source}: it has ${stray}, and the model has nothing of that name; weights of this very network are wanted. Fix: those, or --pretrained none`,
  );
}

function withoutPrefix(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

function firstPart(name: string): string {
  return name.split('.')[0]!;
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
      `Cannot load ${source}: it lacks ${name.slice(prefix.length)}; [${shape.join(', ')}] is wanted. Fix: weights of this very network, or --pretrained none`,
    );
  if (!sameShape(found.shape, shape))
    throw new UserError(
      `Cannot load ${source}: ${name.slice(prefix.length)} is [${found.shape.join(', ')}]; [${shape.join(', ')}] is wanted. Fix: weights of this very network, or --pretrained none`,
    );
  if (found.data instanceof Float32Array) return float32NdArray(shape, found.data);
  if (found.data instanceof Float64Array) return float32NdArray(shape, Float32Array.from(found.data));
  throw new UserError(`Cannot load ${source}: ${name} is ${found.dtype}; floats are wanted`);
}
