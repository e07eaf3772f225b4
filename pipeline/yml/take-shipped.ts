import { join, relative } from 'node:path';
import { packageRoot } from '../../harness/support/package-root.js';
import { findShipped, takeShipped } from '../../harness/support/take-shipped.js';
import type { PaddleSegConfig } from './paddleseg-yml.js';

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
