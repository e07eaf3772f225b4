import type { CaseRow } from './case-row.js';
import type { Ran } from './place.js';

/** What is not as the row wants it, in words. */
export function findFaults(row: CaseRow, ran: Ran): readonly string[] {
  const output = `${ran.stdout}\n${ran.stderr}`;
  return [
    ...findExit(row, ran),
    ...noise.filter(({ pattern }) => pattern.test(output)).map(({ what }) => what),
    ...(row.says ?? []).filter((wanted) => !wanted.test(output)).map((wanted) => `it does not say ${wanted}`),
    ...(row.saysNot ?? []).filter((unwanted) => unwanted.test(output)).map((unwanted) => `it says ${unwanted}`),
    ...findLines(row, ran),
    ...(ran.seconds <= (row.seconds ?? Number.POSITIVE_INFINITY) ? [] : [`it took ${ran.seconds.toFixed(1)} s`]),
  ];
}

/** What no user should see, whatever he gave. */
const noise = [
  { pattern: /^\s+at .+:\d+:\d+\)?$/m, what: 'a stack trace' },
  { pattern: /defect of tipcheck/, what: '"a defect of tipcheck"' },
  {
    pattern: /Got invalid dimensions|Please fix either|ORT_|onnxruntime::|Non-zero status code/,
    what: "an engine's raw text",
  },
];

function findExit({ exit }: CaseRow, { exitCode }: Ran): readonly string[] {
  if (exitCode !== null && exit.includes(exitCode)) return [];
  return [`exit ${exitCode ?? 'after a kill'}; ${exit.join(' or ')} is wanted`];
}

function findLines({ oneLine = true }: CaseRow, { exitCode, stderr }: Ran): readonly string[] {
  if (!oneLine || exitCode !== 2) return [];
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.length === 1 ? [] : [`the error has ${lines.length} lines; one is wanted`];
}
