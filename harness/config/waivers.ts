import { cannot, UserError } from '../support/errors.js';
import { whyUnread } from '../support/explain-system.js';
import { parseYaml } from '../support/parse-yaml.js';
import { readPlainText } from '../support/plain-file.js';
import { packageSchema } from '../support/schema.js';
import { describeFault } from './describe-fault.js';

/**
 * What a waiver waives. An error above its limit is `disagrees`; the others must be named, for they are seldom meant.
 */
export type FailureKind = 'disagrees' | 'not-finite' | 'wrong-shape' | 'missing' | 'crashed';

/** A failure that is known and let through: of a waivers file, or one that a suite expects. */
export interface Waiver {
  readonly port: string;
  /** The bundle's name or id. */
  readonly bundle: string;
  /** A glob over probe names; null for `crashed`, which is of the whole case. */
  readonly probe: string | null;
  readonly failure: FailureKind;
  readonly because: string;
  readonly link: string | null;
  /** The last day on which it holds (UTC); null: until it passes. */
  readonly until: string | null;
  /** Where it is written, for messages. */
  readonly source: string;
}

/** Reads a waivers file. Throws a UserError that names the file and the entry. */
export async function readWaivers(path: string): Promise<readonly Waiver[]> {
  try {
    return parseWaivers(await readPlainText(path), path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw cannot('read', `the waivers ${path}`, whyUnread(error, path), 'a YAML or JSON file is wanted');
  }
}

/** Parses and validates the text of a waivers file: YAML, of which JSON is a part. */
export function parseWaivers(text: string, path: string): readonly Waiver[] {
  const value = parseYaml(text, ({ line, what }) =>
    cannot('read', `the waivers ${path}:${line}`, what, 'YAML is wanted'),
  );
  const fault = schema.findFault(value);
  if (fault !== null) throw new UserError(`Cannot read the waivers ${path}: ${describeFault(fault)}`);
  const waivers = (value as { waivers: readonly WrittenWaiver[] }).waivers.map((written, at) =>
    toWaiver(written, `waivers.${at}`, path),
  );
  const keys = waivers.map(keyOfWaiver);
  const twice = keys.findIndex((key, at) => keys.indexOf(key) !== at);
  if (twice >= 0) throw cannot('read', `the waivers ${path}`, `waivers.${twice} is there twice`, 'once is wanted');
  return waivers;
}

/** What makes two waivers one. */
export function keyOfWaiver({
  port,
  bundle,
  probe,
  failure,
  source,
}: Omit<Waiver, 'failure'> & { readonly failure: string }): string {
  return JSON.stringify([port, bundle, probe, failure, source]);
}

/** A waiver as its file has it. */
export interface WrittenWaiver {
  readonly port: string;
  readonly bundle: string;
  readonly probe?: string;
  readonly failure?: FailureKind;
  readonly because: string;
  readonly link: string;
  readonly until: string;
}

/**
 * What the schema has let through, judged for what it cannot say.
 * @param field where it stands in the file, for the error
 */
export function toWaiver(
  { probe, failure, because, until, ...rest }: WrittenWaiver,
  field: string,
  path: string,
): Waiver {
  const day = new Date(`${until}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== until)
    throw cannot(
      'read',
      `the waivers ${path}`,
      `${field}.until is ${until}, which no calendar has`,
      'a day such as 2027-01-31 is wanted',
    );
  return {
    ...rest,
    probe: probe ?? null,
    failure: failure ?? 'disagrees',
    because: because.trim(),
    until,
    source: path,
  };
}

const schema = packageSchema('harness/config/waivers.schema.json');
