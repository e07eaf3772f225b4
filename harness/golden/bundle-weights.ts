import { type NdArray, sameShape } from '../contract/nd-array.js';
import { cannot, UserError } from '../support/errors.js';
import { suggest } from '../support/suggest.js';
import type { WeightSource } from './bundle.js';
import { type BundleFiles, caseOf } from './bundle-files.js';
import type { CaseWeightSource } from './case-file.js';
import { validateFinite } from './finite.js';
import { parsePdparams } from './pdparams.js';
import { isBuffer } from './seeded.js';

type Parameters = ReadonlyMap<string, readonly number[]>;

/**
 * Sources of weights, their arrays read. Throws a UserError for an array of an unknown name, of another shape, dtype or
 * not finite, and for a parameter that no source gives a value (a buffer is never seeded).
 */
export function parseWeightSources(
  folder: string,
  files: BundleFiles,
  sources: readonly CaseWeightSource[],
  parameters: Parameters,
): readonly WeightSource[] {
  const parsed = sources.map((source, at) => parseSource(folder, files, source, `weights[${at}]`, parameters));
  const seeded = parsed.some((source) => source.kind === 'seeded');
  for (const name of parameters.keys()) {
    const stored = parsed.some((source) => source.kind === 'arrays' && source.arrays.has(name));
    if (stored || (seeded && !isBuffer(name))) continue;
    const why = seeded ? 'a buffer is never seeded, and it is in no arrays' : 'it is neither seeded nor in arrays';
    throw cannot('read', caseOf(folder), `weights have no value for ${name}: ${why}`, 'one is wanted');
  }
  return parsed;
}

function parseSource(
  folder: string,
  files: BundleFiles,
  source: CaseWeightSource,
  field: string,
  parameters: Parameters,
): WeightSource {
  if (source.seeded !== undefined) return { kind: 'seeded', seed: source.seeded.seed };
  if (source.pdparams !== undefined) {
    const label = `bundle ${folder}, ${source.pdparams} (case.json: ${field}.pdparams)`;
    const arrays = parsePdparams(files.bytes(source.pdparams, `${field}.pdparams`), label);
    for (const [name, array] of arrays) {
      const shape = shapeOf(folder, parameters, name, `${field}.pdparams`);
      if (!sameShape(array.shape, shape)) {
        throw cannot(
          'read',
          caseOf(folder),
          `${field}.pdparams has ${name} in shape [${array.shape.join(', ')}]`,
          `[${shape.join(', ')}] is wanted`,
        );
      }
      validateWeight(array, name, label);
    }
    return { kind: 'arrays', arrays };
  }
  const arrays = new Map<string, NdArray>();
  for (const [name, reference] of Object.entries(source.arrays ?? {})) {
    const at = `${field}.arrays["${name}"]`;
    const shape = shapeOf(folder, parameters, name, at);
    arrays.set(name, files.array(reference, at, { dtypes: ['f4', 'f8'], shape }));
  }
  return { kind: 'arrays', arrays };
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

function validateWeight(array: NdArray, name: string, source: string): void {
  if (array.dtype !== 'f4' && array.dtype !== 'f8') {
    throw new UserError(`Cannot read ${source}: ${name} has dtype ${array.dtype}; f4 or f8 is wanted`);
  }
  validateFinite(array.data, `${source}, ${name}`);
}
