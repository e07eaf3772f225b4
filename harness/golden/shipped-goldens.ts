import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../support/package-root.js';
import { parseJson } from '../support/parse-json.js';
import { listShippedBundles, resolveBundleFolder } from './list-shipped.js';
import { listShippedCurves } from './read-curve.js';
import { listShippedEvalGoldens } from './read-eval-golden.js';

/** A golden of this package: what its cases are called, and the hash of what describes it. */
export interface Shipped {
  readonly id: string;
  readonly sha256: string;
}

/**
 * By kind and name, as `bundle segnext-t`, for two kinds may share a name. What describes each is read, and no array.
 */
export async function readShipped(): Promise<ReadonlyMap<string, Shipped>> {
  const files = [
    ...listShippedBundles().map((name) => [`bundle ${name}`, join(resolveBundleFolder(name), 'case.json')] as const),
    ...listShippedCurves().map((name) => [`curve ${name}`, shippedPath('curves', name, 'curve.json')] as const),
    ...listShippedEvalGoldens().map(
      (name) => [`evaluation ${name}`, shippedPath('eval', name, 'golden.json')] as const,
    ),
  ];
  const shipped = new Map<string, Shipped>();
  for (const [name, path] of files) {
    const text = await readFile(path, 'utf8');
    const { id } = parseJson(text) as { readonly id: string };
    shipped.set(name, { id, sha256: createHash('sha256').update(text).digest('hex') });
  }
  return shipped;
}

function shippedPath(...parts: string[]): string {
  return join(packageRoot, 'fixtures', ...parts);
}
