import { type NdArray, sameShape } from '../../harness/contract/nd-array.js';
import { UserError } from '../../harness/support/errors.js';
import { suggest } from '../../harness/support/suggest.js';
import type { ForeignCode, ForeignTensor } from '../../models/foreign-code.js';
import { foreignPrefix } from './foreign-names.js';

type Shapes = ReadonlyMap<string, readonly number[]>;

/** What became of one tensor of the file. */
export type Conversion =
  | { readonly from: ForeignTensor; readonly to: ForeignTensor }
  | { readonly from: ForeignTensor; readonly dropped: string };

export interface Converted {
  readonly arrays: ReadonlyMap<string, NdArray>;
  /** Of each tensor of the file, in the file's order. */
  readonly conversions: readonly Conversion[];
  /** Whose names the file has, and whose were wanted. */
  readonly from: string;
  readonly to: string;
  /** Whether it is a backbone alone, whose names stand without `backbone.`. */
  readonly alone: boolean;
  /** What stood before every name of the file, and is gone: `module.`. */
  readonly prefix: string;
}

/**
 * Gives the tensors of a file the names and shapes that another code has for them. Whose names the file has is told by
 * most of them. The numbers stay as they are.
 * @param source the file, for errors
 * @param codes beside the reference, whose names `parameters` has
 * @param to `paddle` or a code's name
 * @throws UserError for a code that is not known, names of no code, and a tensor that is missing, surplus or misshapen
 */
export function convertNames(
  arrays: ReadonlyMap<string, NdArray>,
  parameters: Shapes,
  codes: readonly ForeignCode[],
  to: string,
  source: string,
): Converted {
  const known = [referenceCode(parameters), ...codes];
  const target = known.find(({ name }) => name === to);
  if (target === undefined) {
    const names = known.map(({ name }) => name);
    throw new UserError(
      `Cannot convert to ${to}: no code has that name; one of ${names.join(', ')} is wanted.${suggest(to, names)}`,
    );
  }
  const found = recognise(arrays, known, source);
  const { code, alone, prefix } = found;
  const given = new Map([...arrays].map(([name, array]) => [name.slice(prefix.length), { name, array }]));
  const made = new Map<string, NdArray>();
  const byGiven = new Map<string, Conversion>();
  for (const [ours, wanted] of partOf(code, alone)) {
    const from = given.get(wanted.name);
    if (from === undefined)
      throw unfit(source, `it lacks ${prefix}${wanted.name}`, `[${wanted.shape.join(', ')}] is wanted`, found);
    validateArray(from, wanted, source, found);
    const { name, shape } = partOf(target, alone).get(ours)!;
    made.set(name, { ...from.array, shape });
    byGiven.set(from.name, { from: { name: from.name, shape: wanted.shape }, to: { name, shape } });
  }
  const conversions = [...given].map(([stripped, { name, array }]) => {
    const conversion = byGiven.get(name);
    if (conversion !== undefined) return conversion;
    const dropped = code.explainSurplus(alone ? `${backbone}${stripped}` : stripped) ?? code.explainSurplus(stripped);
    if (dropped === null) throw unfit(source, `it has ${name}`, 'the network has nothing of that name', found);
    return { from: { name, shape: array.shape }, dropped };
  });
  return { arrays: made, conversions, from: code.title, to: target.title, alone, prefix };
}

const backbone = 'backbone.';

function referenceCode(parameters: Shapes): ForeignCode {
  const tensors = new Map([...parameters].map(([name, shape]) => [name, { name, shape }]));
  return { name: 'paddle', title: 'PaddleSeg', tensors, explainSurplus: () => null };
}

interface Recognised {
  readonly code: ForeignCode;
  readonly alone: boolean;
  readonly prefix: string;
}

/**
 * The code, the whole network or its backbone alone, and the prefix that explain most names. Of equals the one of which
 * the file lacks fewer: names that all begin with `backbone.` are a backbone's. Of those the first.
 */
function recognise(arrays: ReadonlyMap<string, NdArray>, codes: readonly ForeignCode[], source: string): Recognised {
  const names = [...arrays.keys()];
  const candidates = [false, true].flatMap((alone) =>
    codes.map((code) => {
      const known = new Set([...partOf(code, alone).values()].map(({ name }) => name));
      const prefix = names.some((name) => known.has(name)) ? '' : (foreignPrefix(names, known) ?? '');
      const fitting = names.filter((name) => known.has(name.slice(prefix.length))).length;
      return { code, alone, prefix, fitting, missing: known.size - fitting };
    }),
  );
  const best = candidates.reduce((one, other) =>
    (other.fitting - one.fitting || one.missing - other.missing) > 0 ? other : one,
  );
  if (best.fitting > 0) return best;
  throw new UserError(
    `Cannot convert ${source}: its names, such as ${names[0]}, are of none of ${codes.map(({ title }) => title).join(', ')}; weights of this network are wanted. Fix: the yml that they were trained with`,
  );
}

/** By our names. A backbone alone has no `backbone.` before its names, in any code. */
function partOf({ tensors }: ForeignCode, alone: boolean): ReadonlyMap<string, ForeignTensor> {
  if (!alone) return tensors;
  return new Map(
    [...tensors].flatMap(([ours, { name, shape }]) =>
      ours.startsWith(backbone) ? [[ours, { name: name.slice(backbone.length), shape }] as const] : [],
    ),
  );
}

function validateArray(
  { name, array }: { readonly name: string; readonly array: NdArray },
  { shape }: ForeignTensor,
  source: string,
  found: Recognised,
): void {
  if (!sameShape(array.shape, shape))
    throw unfit(source, `${name} is [${array.shape.join(', ')}]`, `[${shape.join(', ')}] is wanted`, found);
  if (array.dtype !== 'f4' && array.dtype !== 'f8')
    throw unfit(source, `${name} is ${array.dtype}`, 'floats are wanted', found);
}

function unfit(source: string, is: string, wanted: string, { code, alone }: Recognised): UserError {
  const read = `read as ${alone ? 'a backbone' : 'a network'} with the names of ${code.title}`;
  return new UserError(
    `Cannot convert ${source}: ${read}, ${is}; ${wanted}. Fix: the yml that they were trained with, or --opts`,
  );
}
