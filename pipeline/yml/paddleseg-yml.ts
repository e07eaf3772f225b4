import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { ModelSection } from '../../harness/contract/port.js';
import { budgets, overBudget } from '../../harness/support/budgets.js';
import { UserError } from '../../harness/support/errors.js';
import { whyUnread } from '../../harness/support/explain-system.js';
import { readPlain } from '../../harness/support/plain-file.js';
import { datasetClasses } from './dataset-classes.js';
import { type Origin, parseYaml11, plainValue, renderOrigin, type YamlMapping, type YamlNode } from './yaml11.js';

/** A PaddleSeg yml with its bases merged in. */
export interface PaddleSegConfig {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
  /**
   * Where a key came from, as `file:line`, by its path (`model.backbone.type`); the file itself for one that nobody
   * wrote.
   */
  originOf(key: string): string;
}

/**
 * Reads a PaddleSeg model config: YAML 1.1, `_base_` (a name or a list, relative to the file, recursive) and
 * `_inherited_`.
 *
 * A file is merged over its bases one after the other, so that an earlier base overrides a later one. Mappings merge
 * key by key, everything else replaces. A mapping with a false `_inherited_` replaces the base's; the marker goes when
 * it takes effect.
 *
 * Source: paddleseg/cvlibs/config.py, `parse_from_yaml` and `merge_config_dicts` (2.8.0).
 * Throws a UserError for a missing file, a cycle of bases, and what cannot be merged.
 */
export async function readPaddleSegConfig(path: string): Promise<PaddleSegConfig> {
  if (!/ya?ml$/.test(path))
    throw new UserError(`Cannot read the model config ${path}: its name ends otherwise; .yml or .yaml is wanted`);
  const root = await readWithBases(path, [], { files: 0 });
  return { path, values: plainValue(root) as Record<string, unknown>, originOf: (key) => findOrigin(root, key) };
}

/**
 * The file and all that it names as `_base_`, each once, as their paths are written.
 * @throws UserError as `readPaddleSegConfig` does
 */
export async function listConfigFiles(path: string, including: readonly string[] = []): Promise<string[]> {
  const real = await realConfigPath(path, including.at(-1));
  // Where bases go round, readPaddleSegConfig says so.
  if (including.includes(real)) return [];
  const own = parseYaml11(await readText(path), path);
  const found = [path];
  for (const base of own.kind === 'mapping' ? baseNames(own) : [])
    found.push(...(await listConfigFiles(placeBase(base, path), [...including, real])));
  return [...new Set(found)];
}

/**
 * The `model:` section, with `num_classes` from the data set where the section leaves it out, as PaddleSeg fills it in.
 * Source: DefaultSyncNumClassesRule in cvlibs/config_checker.py and SegBuilder.model in cvlibs/builder.py.
 * Throws a UserError if there is none, if it has no `type`, or if model and data set disagree about the classes.
 */
export function modelSection(config: PaddleSegConfig): ModelSection {
  const model = config.values.model;
  if (!isRecord(model))
    throw new UserError(
      `Cannot use ${config.path}: it has no mapping \`model\`; a PaddleSeg model config with a model section is wanted`,
    );
  if (typeof model.type !== 'string')
    throw new UserError(
      `Cannot use ${config.originOf('model')}: model.type is missing; the name of a network is wanted`,
    );
  const classes = [...declaredClasses(config)];
  const [first] = classes;
  const other = classes.find(([, count]) => count !== first![1]);
  if (first !== undefined && other !== undefined)
    throw new UserError(
      `Cannot use ${config.path}: ${first[0]} is ${String(first[1])} and ${other[0]} is ${String(other[1])}; they must be equal. Fix: one num_classes in all places`,
    );
  return first === undefined || 'num_classes' in model ? model : { ...model, num_classes: first[1] };
}

/** Everything that says how many classes there are, in the order in which messages name it. */
function* declaredClasses(config: PaddleSegConfig): Generator<[string, unknown]> {
  const { model, train_dataset: train, val_dataset: val } = config.values;
  if (isRecord(model) && 'num_classes' in model)
    yield [`model.num_classes (${config.originOf('model.num_classes')})`, model.num_classes];
  if (!isRecord(train)) return;
  if (train.type === 'Dataset') {
    if ('num_classes' in train)
      yield [`train_dataset.num_classes (${config.originOf('train_dataset.num_classes')})`, train.num_classes];
    if (isRecord(val) && 'num_classes' in val)
      yield [`val_dataset.num_classes (${config.originOf('val_dataset.num_classes')})`, val.num_classes];
    return;
  }
  const fixed = typeof train.type === 'string' ? datasetClasses.get(train.type) : undefined;
  if (fixed !== undefined)
    yield [`the class count of the data set ${String(train.type)} (${config.originOf('train_dataset.type')})`, fixed];
}

async function readWithBases(
  path: string,
  including: readonly string[],
  spent: { files: number },
): Promise<YamlMapping> {
  spent.files += 1;
  // A file that names another twice, which does so too, is read as often as all of them together.
  if (spent.files > budgets.configFiles)
    throw overBudget(
      `the model config ${including[0] ?? path}`,
      `it and its bases are read from more than ${budgets.configFiles} files`,
      budgets.configFiles,
      'files',
    );

  const real = await realConfigPath(path, including.at(-1));
  if (including.includes(real))
    throw new UserError(
      `Cannot read ${real}: it is its own _base_ by way of ${[...including, real].slice(including.indexOf(real)).join(' → ')}; bases must not go round`,
    );
  const own = parseYaml11(await readText(path), path);
  if (own.kind !== 'mapping')
    throw new UserError(`Cannot read the model config ${path}: it holds ${describe(own)}; a mapping of keys is wanted`);
  let merged = without(own, '_base_');
  for (const base of baseNames(own)) {
    merged = mergeOver(merged, await readWithBases(placeBase(base, path), [...including, real], spent), '');
  }
  return merged;
}

function placeBase(base: string, path: string): string {
  return isAbsolute(base) ? base : join(dirname(path), base);
}

async function realConfigPath(path: string, includedBy: string | undefined): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const why = whyUnread(error, path);
    const where = includedBy === undefined ? '' : `, which ${includedBy} names as _base_`;
    throw new UserError(`Cannot read the model config ${path}${where}: ${why}; a PaddleSeg yml is wanted`);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readPlain(path, budgets.textBytes));
  } catch (error) {
    throw new UserError(
      `Cannot read the model config ${path}: ${whyUnread(error, path)}; a file of UTF-8 text is wanted`,
    );
  }
}

function baseNames(own: YamlMapping): string[] {
  const base = own.entries.get('_base_');
  if (base === undefined) return [];
  const items = base.kind === 'list' ? base.items : [base];
  return items.map((item) => {
    if (item.kind === 'scalar' && typeof item.value === 'string') return item.value;
    throw new UserError(
      `Cannot read ${renderOrigin(item.origin)}: _base_ holds ${describe(item)}; a file name or a list of file names is wanted`,
    );
  });
}

/** `over` on `base`, key by key. */
function mergeOver(over: YamlMapping, base: YamlMapping, keyPath: string): YamlMapping {
  const marker = over.entries.get('_inherited_');
  if (marker !== undefined && isFalsy(marker)) return without(over, '_inherited_');
  const entries = new Map(base.entries);
  for (const [key, value] of over.entries) {
    const below = base.entries.get(key);
    const here = keyPath === '' ? key : `${keyPath}.${key}`;
    entries.set(
      key,
      value.kind === 'mapping' && below !== undefined ? mergeOver(value, mapping(below, value, here), here) : value,
    );
  }
  return { kind: 'mapping', entries, origin: over.origin };
}

function mapping(below: YamlNode, over: YamlNode, keyPath: string): YamlMapping {
  if (below.kind === 'mapping') return below;
  throw new UserError(
    `Cannot merge ${keyPath} of ${renderOrigin(over.origin)}: it is a mapping, and in the base ${renderOrigin(below.origin)} it is ${describe(below)}; both must be mappings`,
  );
}

function without(node: YamlMapping, key: string): YamlMapping {
  return { ...node, entries: new Map([...node.entries].filter(([name]) => name !== key)) };
}

/** Python's falsehood: PaddleSeg tests the marker with `not`. */
function isFalsy(node: YamlNode): boolean {
  if (node.kind === 'mapping') return node.entries.size === 0;
  if (node.kind === 'list') return node.items.length === 0;
  return node.value === false || node.value === null || node.value === 0 || node.value === '';
}

function describe(node: YamlNode): string {
  if (node.kind === 'mapping') return 'a mapping';
  if (node.kind === 'list') return 'a list';
  return node.value === null ? 'nothing' : `the scalar ${JSON.stringify(node.value)}`;
}

function findOrigin(root: YamlMapping, key: string): string {
  let node: YamlNode = root;
  let origin: Origin = root.origin;
  for (const part of key.split('.')) {
    const below: YamlNode | undefined =
      node.kind === 'mapping' ? node.entries.get(part) : node.kind === 'list' ? node.items[Number(part)] : undefined;
    if (below === undefined) return origin.path;
    node = below;
    origin = below.origin;
  }
  return renderOrigin(origin);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
