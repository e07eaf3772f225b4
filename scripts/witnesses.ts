import type { Result } from '../harness/result/record/result.js';

/** One judged program: what a row of docs/witnesses.md says, kept in docs/witnesses.json. */
export interface Witness {
  readonly command: string;
  readonly engine: string;
  readonly verdict: string;
  readonly compared: number;
  readonly probes: number;
  /** The largest rms of any probe, in units of its noise. */
  readonly accumulated: number;
  readonly own: number | null;
}

/** @param result of one case */
export function witnessOf(command: string, { cases }: Result): Witness {
  const [{ engine, verdict, measurements } = cases[0]!] = cases;
  const rms = (figures: readonly { readonly name: string; readonly value?: number | null }[] = []) =>
    figures.flatMap(({ name, value }) => (name === 'rms' && typeof value === 'number' ? [value] : []));
  const own = measurements.flatMap((measurement) => rms(measurement.own?.figures));
  return {
    command,
    engine: `${engine?.engine} ${engine?.version}`,
    verdict,
    compared: measurements.filter((measurement) => measurement.verdict === 'pass').length,
    probes: measurements.length,
    accumulated: Math.max(...measurements.flatMap(({ figures }) => rms(figures))),
    own: own.length === 0 ? null : Math.max(...own),
  };
}

/** The table of docs/witnesses.md. */
export function renderWitnesses(witnesses: readonly Witness[]): string {
  const rows = witnesses.map(
    ({ command, engine, verdict, compared, probes, accumulated, own }) =>
      `| \`${command}\` | ${engine} | ${verdict} | ${compared} of ${probes} | ${accumulated.toFixed(2)} | ${own === null ? '–' : own.toFixed(2)} |`,
  );
  return [
    '| `judge …` | what computes | verdict | compared | accumulated | own |',
    '|---|---|---|---|--:|--:|',
    ...rows,
  ]
    .join('\n')
    .concat('\n');
}
