import { UserError } from '../../harness/support/errors.js';
import { suggest } from '../../harness/support/suggest.js';
import type { PaddleSegConfig } from './paddleseg-yml.js';

/**
 * A config with the changes of `--opts key.key=value`, in their order. A value is a Python literal, else text. Source:
 * Config.update_config_dict in paddleseg/cvlibs/config.py, 2.8.0: keys on the way must exist, the last may be new.
 * @throws UserError that names the option
 */
export function applyOpts(config: PaddleSegConfig, opts: readonly string[]): PaddleSegConfig {
  const values = structuredClone(config.values) as Record<string, unknown>;
  const changed = new Map<string, string>();
  for (const opt of opts) {
    const [path = '', text, ...more] = opt.split('=');
    if (text === undefined || more.length > 0 || path === '')
      throw new UserError(
        `Cannot use --opts ${opt}: it is not one key and one value; key=value is wanted, for example --opts lr_scheduler.power=0.9`,
      );
    const keys = path.split('.');
    const last = keys.pop()!;
    let inner = values;
    for (const key of keys) {
      const next = inner[key];
      if (typeof next !== 'object' || next === null || Array.isArray(next))
        throw new UserError(
          `Cannot use --opts ${opt}: ${config.path} has no mapping ${key} there; an existing one is wanted.${suggest(key, Object.keys(inner))}`,
        );
      inner = next as Record<string, unknown>;
    }
    inner[last] = parsePythonLiteral(text);
    changed.set(path, `--opts ${opt}`);
  }
  const changedAt = (key: string) =>
    [...changed].find(([path]) => key === path || key.startsWith(`${path}.`))?.[1] ?? null;
  return { path: config.path, values, originOf: (key) => changedAt(key) ?? config.originOf(key) };
}

/** A number, text in quotes, True, False, None, or a list or tuple of such; anything else is text as it stands. */
export function parsePythonLiteral(text: string): unknown {
  const bare = text.trim();
  const words: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };
  if (bare in words) return words[bare];
  if (/^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(bare)) return Number(bare.replaceAll('_', ''));
  const [, , quoted] = /^(['"])(.*)\1$/s.exec(bare) ?? [];
  if (quoted !== undefined) return quoted;
  const inside = /^\[(.*)\]$/s.exec(bare)?.[1] ?? /^\((.*)\)$/s.exec(bare)?.[1] ?? (bare.includes(',') ? bare : null);
  if (inside === null) return text;
  const parts = inside.split(',').filter((part) => part.trim() !== '');
  const list = parts.map(parsePythonLiteral);
  // Names without quotes are not Python literals, and neither is a list of them.
  return list.every((value, at) => typeof value !== 'string' || /^\s*['"]/.test(parts[at]!)) ? list : text;
}
