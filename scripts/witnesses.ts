// `node scripts/run.mjs scripts/witnesses.js 'ort segnext-t=reports/ort/result.json' …`: rows of docs/witnesses.md from
// stored results, each after the command that made it. A row of the same command is replaced; the others stay.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../harness/result/record/result.js';
import { readSoundRun } from '../harness/run/read-run.js';
import { exitCodeOfVerdict } from '../harness/run/summarise.js';
import { UserError } from '../harness/support/errors.js';
import { packageRoot } from '../harness/support/package-root.js';

/** One judged program: what a row of docs/witnesses.md says, kept in docs/witnesses.json. */
export interface Witness {
  readonly command: string;
  readonly engine: string;
  readonly verdict: string;
  readonly exitCode: number;
  readonly compared: number;
  readonly probes: number;
  /** The largest rms of any probe, in units of its noise. */
  readonly accumulated: number;
  readonly own: number | null;
}

/** @param result of one case */
export function witnessOf(command: string, { cases }: Result): Witness {
  if (cases.length !== 1)
    throw new UserError(`Cannot take a row of ${command}: its run has ${cases.length} cases; one is wanted`);
  const [{ engine, verdict, measurements } = cases[0]!] = cases;
  const rms = (figures: readonly { readonly name: string; readonly value?: number | null }[] = []) =>
    figures.flatMap(({ name, value }) => (name === 'rms' && typeof value === 'number' ? [value] : []));
  const own = measurements.flatMap((measurement) => rms(measurement.own?.figures));
  return {
    command,
    engine: `${engine?.engine} ${engine?.version}`,
    verdict,
    exitCode: exitCodeOfVerdict(verdict),
    compared: measurements.filter((measurement) => measurement.verdict === 'pass').length,
    probes: measurements.length,
    accumulated: largest(measurements.flatMap(({ figures }) => rms(figures))),
    own: own.length === 0 ? null : largest(own),
  };
}

function largest(figures: readonly number[]): number {
  return Number(Math.max(...figures).toPrecision(4));
}

/** The table of docs/witnesses.md. */
export function renderWitnesses(witnesses: readonly Witness[]): string {
  const rows = witnesses.map(
    ({ command, engine, verdict, exitCode, compared, probes, accumulated, own }) =>
      `| \`${command}\` | ${engine} | ${verdict} | ${exitCode} | ${compared} of ${probes} | ${accumulated.toFixed(2)} | ${own === null ? '–' : own.toFixed(2)} |`,
  );
  return [
    '| `judge …` | what computes | verdict | exit code | compared | accumulated | own |',
    '|---|---|---|--:|---|--:|--:|',
    ...rows,
  ]
    .join('\n')
    .concat('\n');
}

/** `known` with `added`, in the order of `known`, each command once. */
export function mergeWitnesses(known: readonly Witness[], added: readonly Witness[]): readonly Witness[] {
  return [...new Map([...known, ...added].map((witness) => [witness.command, witness])).values()];
}

/** @param rows `COMMAND=result.json` */
export async function main(rows: readonly string[]): Promise<number> {
  const added: Witness[] = [];
  for (const row of rows) {
    const [command = '', file = ''] = row.split('=');
    added.push(witnessOf(command, (await readSoundRun(file, 'take a row from')).result));
  }
  const page = join(packageRoot, 'docs', 'witnesses.md');
  const figures = join(packageRoot, 'docs', 'witnesses.json');
  const witnesses = mergeWitnesses(JSON.parse(await readFile(figures, 'utf8')), added);
  const text = await readFile(page, 'utf8');
  await writeFile(
    page,
    text.replace(/^\|.*\|\n(\|.*\n)+/m, () => renderWitnesses(witnesses)),
  );
  await writeFile(figures, `${JSON.stringify(witnesses, null, 2)}\n`);
  return 0;
}
