import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { listSuites } from '../config/suite.js';
import { listShippedBundles } from '../golden/list-shipped.js';
import { listShippedCurves } from '../golden/read-curve.js';
import { listShippedEvalGoldens } from '../golden/read-eval-golden.js';
import { listBuiltInPorts } from '../hosts/resolve-port.js';
import { packageRoot } from '../support/package-root.js';
import { type BundleEntry, readBundleEntry, readSuiteEntry, type SuiteEntry } from './suite-entries.js';

/** Everything that `tipcheck list` shows: the parts that this installation has, found by walking its folders. */
export interface Inventory {
  readonly ports: readonly string[];
  readonly models: readonly string[];
  readonly suites: readonly SuiteEntry[];
  readonly bundles: readonly BundleEntry[];
  /** Names of loss curves and of eval goldens. */
  readonly curves: readonly string[];
  readonly evaluations: readonly string[];
  /** TIPC text files and model configs, by path from the project's folder; not the bases that others include. */
  readonly configs: readonly string[];
}

/** @param models their types */
export function readInventory(models: Iterable<string>): Inventory {
  return {
    ports: listBuiltInPorts(),
    models: [...models].sort(),
    suites: listSuites().map(readSuiteEntry),
    bundles: listShippedBundles().map((name) => readBundleEntry(name).entry),
    curves: listShippedCurves(),
    evaluations: listShippedEvalGoldens(),
    configs: listFiles('configs').filter((path) => /\.(?:txt|ya?ml)$/.test(path) && !path.includes('_base_')),
  };
}

function listFiles(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? listFiles(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]))
    .sort();
}
