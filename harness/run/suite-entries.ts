import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { selectBundles } from '../config/select-bundles.js';
import { findSuite, readSuite } from '../config/suite.js';
import { type CaseFile, type CaseProbe, parseCaseFile } from '../golden/case-file.js';
import { listShippedBundles, resolveBundleFolder } from '../golden/list-shipped.js';
import { describeModel } from './describe-model.js';

/** A suite, and the shipped goldens that it chooses, in its order. */
export interface SuiteEntry {
  /** `<model>/<mode>`. */
  readonly name: string;
  readonly ports: readonly string[];
  readonly bundles: readonly string[];
  readonly curves: readonly string[];
  readonly evaluations: readonly string[];
}

export interface BundleEntry {
  readonly name: string;
  readonly id: string;
  readonly phase: 'infer' | 'train';
  /** `type`, with the backbone's where there is one. */
  readonly model: string;
  /** `[b, classes, h, w]` of the probe `logits`; null where the bundle has none. */
  readonly logits: readonly number[] | null;
  readonly probes: number;
  /** How many of them are not sampled. */
  readonly complete: number;
  readonly bytes: number;
}

export function readSuiteEntry({ model, mode }: { readonly model: string; readonly mode: string }): SuiteEntry {
  const name = `${model}/${mode}`;
  const { ports, bundles, curves, evaluations } = readSuite(findSuite(model, mode)!);
  return { name, ports, bundles: selectBundles(bundles, listShippedBundles(), name), curves, evaluations };
}

/** One bundle, and its probes as case.json has them. Its other files are not read, and their hashes not checked. */
export function readBundleEntry(name: string): { entry: BundleEntry; probes: readonly CaseProbe[] } {
  const folder = resolveBundleFolder(name);
  const path = join(folder, 'case.json');
  const file = parseCaseFile(readFileSync(path, 'utf8'), `bundle ${folder}, case.json`);
  const probes = probesOf(file);
  return {
    probes,
    entry: {
      name,
      id: file.id,
      phase: file.phase,
      model: describeModel(file.model),
      logits: probes.find((probe) => probe.name === 'logits')?.shape ?? null,
      probes: probes.length,
      complete: probes.filter((probe) => goldenOf(probe, probes).sample === undefined).length,
      bytes: readdirSync(folder).reduce((total, file) => total + statSync(join(folder, file)).size, 0),
    },
  };
}

/** In phase train the names that `judge` gives them. */
/** Where it is another's (`same_as`), that probe. */
function goldenOf(probe: CaseProbe, probes: readonly CaseProbe[]): CaseProbe {
  return probes.find(({ name }) => name === probe.same_as) ?? probe;
}

function probesOf({ probes, train }: CaseFile): readonly CaseProbe[] {
  if (train === undefined) return probes ?? [];
  return (['grads', 'params', 'buffers'] as const).flatMap((kind) =>
    train.expect[kind].map((probe) => ({ ...probe, name: `${kind}/${probe.name}` })),
  );
}
