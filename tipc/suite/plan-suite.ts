import { selectBundles } from '../../harness/config/select-bundles.js';
import { findSuite, listSuites, readSuite, type Suite } from '../../harness/config/suite.js';
import type { Device } from '../../harness/contract/device.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { suggest } from '../../harness/support/suggest.js';
import type { TipcFile } from '../plan/form.js';
import { formsOf, validateFormMode } from '../plan/form-modes.js';
import { modes, parseMode, suiteModes } from '../text/modes.js';

/** What `tipcheck test <file> <mode>` runs. */
export interface SuitePlan {
  readonly suite: Suite;
  /** `<model>/<mode>`, as reports name it. */
  readonly name: string;
  readonly ports: readonly string[];
  /** Names of shipped bundles, in order. */
  readonly bundles: readonly string[];
  /** Names of shipped loss curves, in order. */
  readonly curves: readonly string[];
  /** Names of shipped eval goldens, in order. */
  readonly evaluations: readonly string[];
  /** One run of everything for each. */
  readonly devices: readonly Device[];
  /** Null: the engine's default. */
  readonly threads: number | null;
  /** What the user should know and no one would see otherwise. */
  readonly notes: readonly string[];
}

/**
 * Joins a TIPC text file and a mode to the suite that they name.
 *
 * Ports come from the file's `port_params`, else from the suite; devices from position 41, else `auto`; threads from
 * position 43, if it names one number. The file's commands and images belong to TIPC's own tools and are not run.
 *
 * @param shipped names of all shipped bundles Throws a UserError for an unknown mode or model, an EnvironmentError for
 *   a mode that TIPC has and this version does not run.
 */
export function planSuite(file: TipcFile, mode: string, shipped: readonly string[]): SuitePlan {
  const name = parseMode(mode);
  const { devices, threads } = suiteOf(file, name);
  const models = [...new Set(listSuites().map(({ model }) => model))];
  if (!models.includes(file.modelName))
    throw new UserError(
      `Cannot test ${file.path}: its model_name is ${file.modelName}; a model with suites is wanted: ${models.join(', ')}.${suggest(file.modelName, models)}`,
    );
  const path = findSuite(file.modelName, name);
  if (path === null) throw refuseMode(name, file.modelName, modesOf(file.modelName));
  const suite = readSuite(path);
  return {
    suite,
    name: `${suite.model}/${suite.mode}`,
    ports: file.ports ?? suite.ports,
    bundles: selectBundles(suite.bundles, shipped, `${suite.model}/${suite.mode}`),
    curves: suite.curves,
    evaluations: suite.evaluations,
    devices,
    threads,
    notes: [...file.notes, ...unrequired(file, suite)],
  };
}

/** The error for a mode that exists and for which this version has no suite. */
export function refuseMode(mode: string, model: string, available: readonly string[]): EnvironmentError {
  return new EnvironmentError(
    `Cannot run mode ${mode} of ${model}: it ${modes.get(mode) ?? 'is new'}, which this version of tipcheck does not do yet; ${available.join(' or ')} is what it runs`,
  );
}

function suiteOf(file: TipcFile, mode: string): NonNullable<TipcFile['suite']> {
  const { path, form, suite } = file;
  if (suite !== null) {
    if (formsOf(mode).length > 0) validateFormMode(file, mode);
    return suite;
  }
  if (!suiteModes.includes(mode)) {
    validateFormMode(file, mode);
    throw new EnvironmentError(
      `Cannot run mode ${mode} of ${path}: tipcheck explains files of the form ${form} and does not run them; a file of the form train_infer is wanted. Fix: npx tipcheck explain ${path} ${mode}`,
    );
  }
  throw new UserError(
    `Cannot run mode ${mode} of ${path}: it is of the form ${form}, which has no suites; a file of the form train_infer is wanted`,
  );
}

function modesOf(model: string): string[] {
  return listSuites()
    .filter((suite) => suite.model === model)
    .map((suite) => suite.mode.replaceAll('-', '_'));
}

function unrequired(file: TipcFile, suite: Suite): string[] {
  const missing = suite.require.filter((port) => file.ports !== null && !file.ports.includes(port));
  return missing.map(
    (port) => `${file.path}: --port leaves out ${port}, which suite ${suite.model}/${suite.mode} requires`,
  );
}
