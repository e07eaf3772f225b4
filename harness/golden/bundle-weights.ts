import { posix } from 'node:path';
import { type Dtype, elementCount, type NdArray, sameShape } from '../contract/nd-array.js';
import { budgets, overBudget } from '../support/budgets.js';
import { cannot, UserError } from '../support/errors.js';
import { suggest } from '../support/suggest.js';
import type { WeightSource } from './bundle.js';
import { type BundleFiles, caseOf } from './bundle-files.js';
import type { BundleReference, CaseFile, CaseWeightSource } from './case-file.js';
import { validateFinite } from './finite.js';
import { parsePdparams } from './pdparams.js';
import { parseSafetensors } from './safetensors.js';
import { isBuffer } from './seeded.js';

type Parameters = ReadonlyMap<string, readonly number[]>;

/**
 * Sources of weights, their arrays read. Throws a UserError for an array of an unknown name, of another shape, dtype or
 * not finite, and for a parameter that no source gives a value (a buffer is never seeded).
 */
export function parseWeightSources(
  folder: string,
  files: BundleFiles,
  { weights, reference = 'paddle' }: CaseFile,
  parameters: Parameters,
): readonly WeightSource[] {
  const known = new Map<string, ReadonlyMap<string, NdArray>>();
  const parsed = weights.map((source, at) =>
    parseSource(folder, files, source, { field: `weights[${at}]`, parameters, reference, known }),
  );
  const seeded = parsed.some((source) => source.kind === 'seeded' && source.ranges === undefined);
  const ranged = parsed.some((source) => source.kind === 'seeded' && source.ranges !== undefined);
  for (const name of parameters.keys()) {
    const stored = parsed.some((source) => (source.kind === 'arrays' ? source.arrays : source.ranges)?.has(name));
    if (stored || (seeded && !isBuffer(name))) continue;
    const neither = ranged ? 'it has no range in uniform/2 and is in no arrays' : 'it is neither seeded nor in arrays';
    const why = seeded ? 'a buffer is never seeded, and it is in no arrays' : neither;
    throw cannot('read', caseOf(folder), `weights have no value for ${name}: ${why}`, 'one is wanted');
  }
  return parsed;
}

interface SourceContext {
  /** Where the source stands. */
  readonly field: string;
  readonly parameters: Parameters;
  readonly reference: BundleReference;
  /** Files of weights that were parsed, by format and name: a file that is named again is not unpacked again. */
  readonly known: Map<string, ReadonlyMap<string, NdArray>>;
}

function parseSource(
  folder: string,
  files: BundleFiles,
  source: CaseWeightSource,
  context: SourceContext,
): WeightSource {
  const { field, parameters, reference } = context;
  const { seeded, pdparams, safetensors } = source;
  const paddleOnly = seeded?.scheme === 'uniform/1' ? 'seeded by uniform/1' : pdparams && 'of a pdparams file';
  if (reference !== 'paddle' && paddleOnly !== undefined) {
    const is = `${field} is ${paddleOnly}, and reference is ${reference}`;
    throw cannot('read', caseOf(folder), is, 'arrays, safetensors or uniform/2 is wanted');
  }
  if (seeded !== undefined) return parseSeeded(folder, seeded, context);
  if (pdparams !== undefined) return parseFile(folder, files, pdparams, context, 'pdparams', parsePdparams);
  if (safetensors !== undefined) return parseFile(folder, files, safetensors, context, 'safetensors', parseSafetensors);
  const arrays = new Map<string, NdArray>();
  for (const [name, one] of Object.entries(source.arrays ?? {})) {
    const at = `${field}.arrays["${name}"]`;
    const shape = shapeOf(folder, parameters, name, at);
    arrays.set(name, files.array(one, at, { dtypes: dtypesOf(reference), shape }));
  }
  return { kind: 'arrays', arrays };
}

function parseSeeded(
  folder: string,
  { seed, ranges }: NonNullable<CaseWeightSource['seeded']>,
  { field, parameters }: SourceContext,
): WeightSource {
  const elements = [...parameters.values()].reduce((sum, shape) => sum + elementCount(shape), 0);
  if (elements > budgets.seededElements)
    throw overBudget(
      `${caseOf(folder)}, ${field}`,
      `the parameters have ${elements} elements`,
      budgets.seededElements,
      'elements',
    );
  if (ranges === undefined) return { kind: 'seeded', seed };
  for (const [name, [low, high]] of Object.entries(ranges)) {
    const at = `${field}.seeded.ranges["${name}"]`;
    shapeOf(folder, parameters, name, at);
    if (!(low <= high))
      throw cannot('read', caseOf(folder), `${at} is [${low}, ${high}]`, 'lo of at most hi is wanted');
  }
  return { kind: 'seeded', seed, ranges: new Map(Object.entries(ranges)) };
}

function parseFile(
  folder: string,
  files: BundleFiles,
  file: string,
  { field, parameters, reference, known }: SourceContext,
  key: 'pdparams' | 'safetensors',
  parse: (bytes: Uint8Array, source: string) => Map<string, NdArray>,
): WeightSource {
  const at = `${field}.${key}`;
  const label = `bundle ${folder}, ${file} (case.json: ${at})`;
  const place = `${key} ${posix.normalize(file)}`;
  const arrays = known.get(place) ?? parse(files.bytes(file, at), label);
  known.set(place, arrays);
  for (const [name, array] of arrays) {
    const shape = shapeOf(folder, parameters, name, at);
    if (!sameShape(array.shape, shape)) {
      const is = `${at} has ${name} in shape [${array.shape.join(', ')}]`;
      throw cannot('read', caseOf(folder), is, `[${shape.join(', ')}] is wanted`);
    }
    validateWeight(array, name, label, dtypesOf(reference));
  }
  return { kind: 'arrays', arrays };
}

/** The buffers of torch may be integers and booleans. */
function dtypesOf(reference: BundleReference): readonly Dtype[] {
  return reference === 'torch' ? ['f4', 'f8', 'i4', 'i8', 'u1', 'b1'] : ['f4', 'f8'];
}

function shapeOf(folder: string, parameters: Parameters, name: string, field: string): readonly number[] {
  const shape = parameters.get(name);
  if (shape !== undefined) return shape;
  throw cannot(
    'read',
    caseOf(folder),
    `${field} has ${name}, which is not a parameter`,
    `a name of parameters is wanted.${suggest(name, [...parameters.keys()])}`,
  );
}

function validateWeight(array: NdArray, name: string, source: string, dtypes: readonly Dtype[]): void {
  if (!dtypes.includes(array.dtype)) {
    throw new UserError(`Cannot read ${source}: ${name} has dtype ${array.dtype}; ${dtypes.join(' or ')} is wanted`);
  }
  validateFinite(array.data, `${source}, ${name}`);
}
