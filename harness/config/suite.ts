import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cannot, UserError } from '../support/errors.js';
import { packageRoot } from '../support/package-root.js';
import { parseYaml } from '../support/parse-yaml.js';
import { packageSchema } from '../support/schema.js';
import { describeFault } from './describe-fault.js';
import { toWaiver, type Waiver, type WrittenWaiver } from './waivers.js';

/** Which ports are judged on which bundles, and by which limits beside the contract's. `suites/<model>/<mode>.yaml`. */
export interface Suite {
  readonly model: string;
  readonly mode: string;
  readonly ports: readonly string[];
  /** Names and patterns of shipped bundles; `!` leaves out. See `selectBundles`. */
  readonly bundles: readonly string[];
  /** Names of shipped loss curves. */
  readonly curves: readonly string[];
  /** Names of shipped eval goldens. */
  readonly evaluations: readonly string[];
  readonly limits: SuiteLimits;
  /** Failures that are known, as a waivers file has them: each must still fail. */
  readonly expectedFailures: readonly Waiver[];
  /** Ports that must have run for the suite to be green. */
  readonly require: readonly string[];
}

/** Multiples of the reference's own float32 noise; null where only the contract's limit holds. */
export interface SuiteLimits {
  readonly accumulated: SuiteLimit | null;
  readonly own: SuiteLimit | null;
  readonly shippedAgreement: SuiteLimit | null;
  /** Of two mIoUs over the same images. */
  readonly miouEquivalence: EquivalenceLimit | null;
}

export interface EquivalenceLimit {
  readonly bound: number;
  readonly because: string;
}

export interface SuiteLimit {
  readonly noiseRatio: number;
  readonly because: string;
}

/** Every suite that is there, by model and mode: the folder is the registry. */
export function listSuites(folder = suitesFolder): { model: string; mode: string }[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: model }) =>
      readdirSync(join(folder, model))
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => ({ model, mode: file.slice(0, -'.yaml'.length) })),
    )
    .sort((a, b) => (`${a.model}/${a.mode}` < `${b.model}/${b.mode}` ? -1 : 1));
}

/** The path of a suite, or null where there is none. `mode` may have hyphens or underscores. */
export function findSuite(model: string, mode: string, folder = suitesFolder): string | null {
  if (!/^[\w-]+$/.test(model) || !/^[\w-]+$/.test(mode)) return null;
  const path = join(folder, model, `${mode.replaceAll('_', '-')}.yaml`);
  return existsSync(path) ? path : null;
}

/** Reads and validates a suite. Throws a UserError that names the file and the key. */
export function readSuite(path: string): Suite {
  return parseSuite(readFileSync(path, 'utf8'), path);
}

/** Parses and validates the text of a suite; its model and mode must be those of its path. */
export function parseSuite(text: string, path: string): Suite {
  const shown = relative(process.cwd(), path);
  const subject = `the suite ${shown}`;
  const value = parseYaml(text, ({ line, what }) => cannot('read', `${subject}:${line}`, what, 'YAML is wanted'));
  const fault = schema.findFault(value);
  if (fault !== null) throw new UserError(`Cannot read ${subject}: ${describeFault(fault)}`);
  const written = value as SuiteFile;
  const expected = path.split(/[\\/]/).slice(-2).join('/');
  if (`${written.model}/${written.mode}.yaml` !== expected)
    throw cannot(
      'read',
      subject,
      `its model and mode are ${written.model} and ${written.mode}`,
      'those of its path are wanted',
    );
  const stray = written.require.find((port) => !written.ports.includes(port));
  if (stray !== undefined)
    throw cannot('read', subject, `require names ${stray}`, `one of its ports is wanted: ${written.ports.join(', ')}`);
  const { expected_failures: expectedFailures = [], ...rest } = written;
  const known = expectedFailures.map((one, at) => toWaiver(one, `expected_failures.${at}`, shown));
  const strange = known.find(({ port }) => !written.ports.includes(port));
  if (strange !== undefined)
    throw cannot(
      'read',
      subject,
      `expected_failures names the port ${strange.port}`,
      `one of its ports is wanted: ${written.ports.join(', ')}`,
    );
  const { accumulated, own, shipped_agreement: shipped, miou_equivalence: equivalence } = written.limits;
  const { curves = [], evaluations = [], bundles } = written;
  if (bundles.length + curves.length + evaluations.length === 0)
    throw cannot('read', subject, 'bundles, curves and evaluations are empty', 'at least one entry is wanted');
  if (evaluations.length > 0 && equivalence === undefined)
    throw cannot('read', subject, 'limits lacks miou_equivalence', 'a suite with evaluations wants it');
  return {
    ...rest,
    expectedFailures: known,
    curves,
    evaluations,
    limits: {
      accumulated: limit(accumulated),
      own: limit(own),
      shippedAgreement: limit(shipped),
      miouEquivalence: equivalence === undefined ? null : { ...equivalence, because: equivalence.because.trim() },
    },
  };
}

/** A suite as its file writes it. */
interface SuiteFile extends Omit<Suite, 'limits' | 'curves' | 'evaluations' | 'expectedFailures'> {
  readonly expected_failures?: readonly WrittenWaiver[];
  readonly curves?: readonly string[];
  readonly evaluations?: readonly string[];
  readonly limits: Readonly<Partial<Record<'accumulated' | 'own' | 'shipped_agreement', WrittenLimit>>> & {
    readonly miou_equivalence?: EquivalenceLimit;
  };
}

interface WrittenLimit {
  readonly noise_ratio: number;
  readonly because: string;
}

const suitesFolder = join(packageRoot, 'suites');

const schema = packageSchema('harness/config/suite.schema.json');

function limit(written: WrittenLimit | undefined): SuiteLimit | null {
  return written === undefined ? null : { noiseRatio: written.noise_ratio, because: written.because.trim() };
}
