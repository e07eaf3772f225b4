import { readdir } from 'node:fs/promises';
import { UserError } from '../../harness/support/errors.js';
import { suggest } from '../../harness/support/suggest.js';
import { type Argument, type Arguments, readArguments } from '../yml/arguments.js';
import type { Section } from '../yml/section.js';

export type Mode = 'train' | 'val' | 'test';

/** Which files a data set holds, and what their labels may say. */
export interface DataSet {
  /** `file:line` of its section. */
  readonly origin: string;
  readonly mode: Mode;
  readonly pairs: readonly Pair[];
  readonly classes: number;
  /** The label value that stands for no class. */
  readonly ignoreIndex: number;
  readonly channels: 1 | 3;
}

export interface Pair {
  readonly image: string;
  /** Null where mode `test` has none. */
  readonly label: string | null;
}

/** A kind of data set, as a file of pipeline/data/datasets exports it. */
export interface DataSetKind {
  /** PaddleSeg's name. */
  readonly type: string;
  open(section: Section): Promise<DataSet>;
}

export function defineDataSet<Values extends object>(definition: {
  readonly type: string;
  readonly arguments: Arguments<Values>;
  open(values: Values, section: Section): Promise<DataSet>;
}): DataSetKind {
  const { type } = definition;
  return {
    type,
    open: async (section) =>
      definition.open(readArguments(section, `the data set ${type}`, definition.arguments), section),
  };
}

/** `transforms`, which every data set has: buildTransforms reads what is in it. */
export const transformList: Argument<readonly unknown[]> = {
  wanted: 'a list of transforms',
  parse: (value) => (Array.isArray(value) ? value : undefined),
};

/** `edge: true` makes PaddleSeg compute edge maps, for losses that SegNeXt does not have. */
export const noEdges: Argument<false> = {
  wanted: 'false, as tipcheck computes no edge maps,',
  fallback: false,
  parse: (value) => (value === false ? false : undefined),
};

/**
 * The data set of a `train_dataset` or `val_dataset` section: its files, not yet looked into.
 * @throws UserError for an unknown type or argument, a missing folder or list, and pairs that do not match
 */
export async function openDataSet(section: Section): Promise<DataSet> {
  const dataSet = await listDataSet(section);
  if (dataSet.pairs.length > 0) return dataSet;
  throw new UserError(
    `Cannot use ${dataSet.origin}: the data set is empty; at least one image is wanted. Fix: ${describeSource(section)}`,
  );
}

/** The same, of a data set that may be empty. */
export async function listDataSet(section: Section): Promise<DataSet> {
  const { type } = section.values;
  const kinds = await loadDataSetKinds();
  const kind = typeof type === 'string' ? kinds.get(type) : undefined;
  const names = [...kinds.keys()];
  if (kind === undefined)
    throw new UserError(
      `Cannot use ${section.originOf('type')}: the data set's type is ${JSON.stringify(type) ?? 'missing'}; one of ${names.join(', ')} is wanted.${typeof type === 'string' ? suggest(type, names) : ''}`,
    );
  return kind.open(section);
}

/** What says which files there are: the list where the section names one. */
function describeSource({ values }: Section): string {
  const list = values[`${String(values.mode)}_path`];
  return typeof list === 'string' ? `fill its list, ${list}` : `its dataset_root, ${String(values.dataset_root)}`;
}

/** The kinds of data sets by PaddleSeg's names: each file of pipeline/data/datasets is one. */
export async function loadDataSetKinds(): Promise<ReadonlyMap<string, DataSetKind>> {
  const folder = new URL('./datasets/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => /^[a-z-]+\.js$/.test(file)).sort();
  const kinds = await Promise.all(
    files.map(async (file) => {
      const module = (await import(new URL(file, folder).href)) as { readonly dataSet: DataSetKind };
      return module.dataSet;
    }),
  );
  return new Map(kinds.map((kind) => [kind.type, kind]));
}
