import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSuite } from '../config/suite.js';
import { resolveBundleFolder } from '../golden/list-shipped.js';
import { readShipped } from '../golden/shipped-goldens.js';
import type { HashedFile } from '../result/certificate.js';
import { packageRoot } from '../support/package-root.js';
import { parseUserJson } from '../support/parse-json.js';
import type { KnownGoldens } from './certify-cases.js';
import { describeModel } from './describe-model.js';
import { readBundleEntry, readSuiteEntry } from './suite-entries.js';

/** The goldens of this package, as certificates need them. */
export async function readKnownGoldens(): Promise<KnownGoldens> {
  const shipped = await readShipped();
  const described = new Map<
    string,
    { readonly model: string; readonly sha256: string; readonly weights: readonly HashedFile[] }
  >();
  for (const [name, { id, sha256 }] of shipped) described.set(id, { sha256, ...describe(name) });
  return {
    find: (id) => described.get(id) ?? null,
    planned(suite) {
      const [model = '', mode = ''] = suite.split('/');
      if (findSuite(model, mode) === null) return null;
      const { bundles, curves, evaluations } = readSuiteEntry({ model, mode });
      const names = [
        ...bundles.map((name) => `bundle ${name}`),
        ...curves.map((name) => `curve ${name}`),
        ...evaluations.map((name) => `evaluation ${name}`),
      ];
      return names.map((name) => {
        const { id } = shipped.get(name)!;
        return { id, model: described.get(id)!.model };
      });
    },
  };
}

/**
 * The model as cases name it, and the files that hold weights. A loss curve has none: all of its weights are seeded
 * numbers.
 */
function describe(name: string): { readonly model: string; readonly weights: readonly HashedFile[] } {
  const [kind, short = ''] = name.split(' ');
  const fixtures = join(packageRoot, 'fixtures');
  if (kind === 'curve') {
    const { model } = readJson<{ model: Readonly<Record<string, unknown>> }>(fixtures, 'curves', short, 'curve.json');
    return { model: describeModel(model), weights: [] };
  }
  if (kind === 'evaluation') {
    const { weights, sha256, made_by } = readJson<EvalFile>(fixtures, 'eval', short, 'golden.json');
    const model = typeof made_by.model === 'string' ? made_by.model : 'unknown';
    return { model, weights: [{ name: weights, sha256: sha256[weights]! }] };
  }
  const { sha256 } = readJson<{ sha256: Record<string, string> }>(resolveBundleFolder(short), 'case.json');
  const weights = Object.entries(sha256).filter(([file]) => file.startsWith('weights'));
  return {
    model: readBundleEntry(short).entry.model,
    weights: weights.map(([file, hash]) => ({ name: file, sha256: hash })),
  };
}

interface EvalFile {
  readonly weights: string;
  readonly sha256: Readonly<Record<string, string>>;
  readonly made_by: Readonly<Record<string, unknown>>;
}

function readJson<T>(...path: string[]): T {
  return parseUserJson(
    readFileSync(join(...path), 'utf8'),
    join(...path),
    'a golden that tipcheck ships is wanted',
  ) as T;
}
