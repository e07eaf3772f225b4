import { readdir } from 'node:fs/promises';
import { UserError } from '../../harness/support/errors.js';
import { suggest } from '../../harness/support/suggest.js';
import type { Section } from '../yml/section.js';
import type { Transform, TransformKind } from './transform.js';

/** The kinds of transforms by PaddleSeg's names: each file of pipeline/transforms is one. */
export async function loadTransformKinds(): Promise<ReadonlyMap<string, TransformKind>> {
  const folder = new URL('../transforms/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => /^[a-z-]+\.js$/.test(file)).sort();
  const kinds = await Promise.all(
    files.map(async (file) => {
      const module = (await import(new URL(file, folder).href)) as { readonly transform: TransformKind };
      return module.transform;
    }),
  );
  return new Map(kinds.map((kind) => [kind.type, kind] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The transforms of a `transforms:` list, in its order. `owner` is the section that holds the list, such as
 * `train_dataset`.
 * @throws UserError for an unknown type, an unknown or missing argument, and a value that cannot be used
 */
export async function buildTransforms(owner: Section): Promise<Transform[]> {
  const kinds = await loadTransformKinds();
  return owner.listAt('transforms').map((section) => kindOf(section, kinds).build(section));
}

function kindOf(section: Section, kinds: ReadonlyMap<string, TransformKind>): TransformKind {
  const { type } = section.values;
  const names = [...kinds.keys()];
  const kind = typeof type === 'string' ? kinds.get(type) : undefined;
  if (kind !== undefined) return kind;
  throw new UserError(
    `Cannot use ${section.originOf('type')}: the transform's type is ${JSON.stringify(type) ?? 'missing'}; one of ${names.join(', ')} is wanted.${typeof type === 'string' ? suggest(type, names) : ''}`,
  );
}
