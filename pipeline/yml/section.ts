import { UserError } from '../../harness/support/errors.js';
import type { PaddleSegConfig } from './paddleseg-yml.js';

/** A mapping of a config that knows its place. */
export interface Section {
  readonly values: Readonly<Record<string, unknown>>;
  /** `file:line` of a key of it, or of the whole. */
  originOf(key?: string): string;
  /** The mapping, or the mappings of the list, under a key. */
  at(key: string): Section;
  listAt(key: string): Section[];
}

/** A section of a PaddleSeg config by its path, such as `train_dataset`. */
export function sectionAt(config: PaddleSegConfig, path: string): Section {
  return section(config.values, '', (key) => config.originOf(key)).at(path);
}

/** A section of values that were checked before: `origin` is all that errors can name. */
export function plainSection(values: Readonly<Record<string, unknown>>, origin: string): Section {
  return section(values, '', (key) => (key === '' ? origin : `${origin} (${key})`));
}

function section(values: Readonly<Record<string, unknown>>, path: string, locate: (path: string) => string): Section {
  const under = (key: string | number) => (path === '' ? `${key}` : `${path}.${key}`);
  const mapping = (value: unknown, at: string): Section => {
    if (isMapping(value)) return section(value, at, locate);
    throw new UserError(
      `Cannot use ${locate(at)}: ${at} is ${JSON.stringify(value) ?? 'missing'}; a mapping of keys is wanted`,
    );
  };
  return {
    values,
    originOf: (key) => locate(key === undefined ? path : under(key)),
    at: (key) => mapping(values[key], under(key)),
    listAt(key) {
      const list = values[key];
      if (Array.isArray(list)) return list.map((item, index) => mapping(item, `${under(key)}.${index}`));
      throw new UserError(
        `Cannot use ${locate(under(key))}: ${under(key)} is ${JSON.stringify(list) ?? 'missing'}; a list is wanted`,
      );
    },
  };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
