import { join, relative } from 'node:path';
import type { PaddleSegConfig } from '../harness/config/paddleseg-yml.js';
import { packageRoot } from '../harness/support/package-root.js';
import { printable } from '../harness/support/printable.js';
import { findShipped } from './find-shipped.js';

/**
 * A path as it is here, else as tipcheck ships it: `tipcheck list` and the pages name configs and pictures by their place in
 * the package. Standard error says so where the shipped one is taken. A path that is in neither place comes back as it is.
 */
export function takeShipped(path: string): string {
  const shipped = findShipped(path);
  if (shipped === null) return path;
  process.stderr.write(`${printable(path)} is not in this folder; the one that tipcheck ships is taken: ${shipped}\n`);
  return shipped;
}

/** A yml that tipcheck ships finds the pictures that tipcheck ships, where the working folder has none of that name. */
export function takeShippedData(config: PaddleSegConfig): PaddleSegConfig {
  if (!isShippedConfig(config.path)) return config;
  const roots = new Map(
    ['train_dataset', 'val_dataset'].flatMap((key) => {
      const root = (config.values[key] as { readonly dataset_root?: unknown } | undefined)?.dataset_root;
      return typeof root === 'string' && findShipped(root) !== null ? [[key, root] as const] : [];
    }),
  );
  if (roots.size === 0) return config;
  const taken = new Map([...new Set(roots.values())].map((root) => [root, takeShipped(root)]));
  const sections = [...roots].map(([key, root]) => [
    key,
    { ...(config.values[key] as object), dataset_root: taken.get(root) },
  ]);
  return { ...config, values: { ...config.values, ...Object.fromEntries(sections) } };
}

function isShippedConfig(path: string): boolean {
  return ['configs', 'fixtures'].some((folder) => !relative(join(packageRoot, folder), path).startsWith('..'));
}
